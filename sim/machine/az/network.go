package az

var networkCommands = map[string]func(*call) (any, error){}
