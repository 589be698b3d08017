package az

var deploymentCommands = map[string]func(*call) (any, error){}
