package az

var storageCommands = map[string]func(*call) (any, error){}
