package app

// texts is the catalogue of what the page says.
var texts = struct {
	name, lead, starting, workerFailed, badMessage      string
	console, command, run, stop, exchanges, noExchanges string
	ok, failed, request, response, notes, hint          string
}{
	name:         "Skylab",
	lead:         "A simulated Azure in this tab. The console below is a Linux VM with a managed identity; nothing you do here leaves your browser, and no token of it is worth anything outside.",
	starting:     "Starting the lab…",
	workerFailed: "The lab could not start: %s. Reload the page; if it stays so, this browser may not run WebAssembly in workers.",
	badMessage:   "The lab and the page did not understand each other: %v. Reload the page.",
	console:      "Console",
	command:      "Command",
	run:          "Run",
	stop:         "Stop",
	exchanges:    "Exchanges",
	noExchanges:  "Nothing went over the network yet.",
	ok:           "ok",
	failed:       "exit status %d",
	request:      "Request",
	response:     "Response",
	notes:        "Why",
	hint:         "Tab completes, ↑ and ↓ recall, Ctrl-C stops, Ctrl-L clears.",
}
