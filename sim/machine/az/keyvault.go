package az

var keyvaultCommands = map[string]func(*call) (any, error){}
