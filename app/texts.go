package app

// texts is the catalogue of what the page says.
var texts = struct {
	name, lead, starting, workerFailed, badMessage, lessonFailed string
	console, command, run, stop, exchanges, noExchanges          string
	ok, failed, request, response, notes, hint                   string
	portal, machines, undo, redo, copyText, minutes              string
	hints, stepDone, stepNow, stepTodo, notYet, mistake          string
	finished, equivalents, about, crumbs, menu, heading          string
	lessons, startOver, startOverAsk, startOverYes, no           string
	goesOn, unreadable, saveCopy, elsewhere, taken, takeOver     string
	notKept, progress, complete                                  string
	copyAll, saveAll, folded, indent, asPrinted                  string
	token, tokenShort, tokenHeader, tokenClaims, copyToken       string
	expired, hours, mins, accepted, until, nobody, worthless     string
	why, whyNot, copyCurl, saveHAR, portalReads, noDetail        string
	lessonRoom, workRoom, inspectRoom, rooms, split, steps       string
	showMe, onlyReads, connected, noAnswer, fromTo, versions     string
	noScript, otherBuild, revived, stopped, labGone              string
	update, updateNow, updateLater, plainHTTP, understood        string
	share, shareText, shareMaking, shareFile, shareLink          string
	shareSave, shareOpen, closePanel, noPacking, notPacked       string
	tooLarge, notALab, refused, copyOpen, ownLab                 string
	startOverAll, notForgotten                                   string
}{
	name:         "Skylab",
	lead:         "A simulated Azure in this tab: nothing you do here leaves your browser, and no token of it is worth anything outside.",
	starting:     "Starting the lab…",
	workerFailed: "The lab could not start: %s. Reload the page. If it stays so, the site may be being changed, or this browser may not run WebAssembly in workers.",
	badMessage:   "The lab and the page did not understand each other: %v. Reload the page.",
	lessonFailed: "There is no such lesson here. The address may be mistyped; the list of lessons is on the first page.",
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
	hint:         "Tab completes, ↑ ↓ and Ctrl-R recall, Shift-Enter begins a line, Ctrl-C stops, Ctrl-L clears.",
	portal:       "Portal",
	machines:     "Machines and portal",
	undo:         "Undo",
	redo:         "Redo",
	copyText:     "Copy",
	minutes:      "It takes about %d minutes.",
	hints:        "Hint",
	stepDone:     "done",
	stepNow:      "now",
	stepTodo:     "to do",
	notYet:       "Not yet: ",
	mistake:      "Look again: ",
	finished:     "You have done it all. Undo takes steps back; the console and the portal are yours to try more.",
	equivalents:  "The same in other tools",
	about:        "What this is about",
	crumbs:       "Where you are in the portal",
	menu:         "Menu of the portal",
	heading:      "Azure's managed identities, done in a tab",
	lessons:      "Lessons",
	startOver:    "Start over",
	startOverAsk: "Everything done in this lab will be gone: files, resources, steps. Start over?",
	startOverYes: "Yes, start over",
	no:           "No, keep it",
	goesOn:       "It goes on where you left it. What was kept is in this browser only.",
	unreadable:   "What was kept of this lab could not be read (%s), so it begins anew. The kept copy is still there for you to save.",
	saveCopy:     "Save the kept copy",
	elsewhere:    "This lab is open in another tab. Two tabs would overwrite each other's work.",
	taken:        "Another tab took this lab over. What you do here now is not kept.",
	takeOver:     "Go on here",
	notKept:      "This browser keeps nothing for the page (%s). All works, but a reload begins anew.",
	progress:     "%d of %d steps done",
	complete:     "completed",
	copyAll:      "Copy all",
	saveAll:      "Save as text",
	folded:       "… %d lines more …",
	indent:       "Indent the JSON",
	asPrinted:    "As it was printed",
	token:        "What is in this token",
	tokenShort:   "token",
	tokenHeader:  "Header",
	tokenClaims:  "Claims",
	copyToken:    "Copy the token",
	expired:      "expired",
	hours:        "%d h %02d min",
	mins:         "%d min",
	accepted:     "%s would accept this token",
	until:        "until %s.",
	nobody:       "Nobody accepts this token any more: it ended at %s.",
	worthless:    "It is signed with the simulation's published key and worth nothing outside.",
	why:          "How the server decided",
	whyNot:       "Why was this refused?",
	copyCurl:     "Copy as curl",
	saveHAR:      "Save all as HAR",
	portalReads:  "Show what the portal reads",
	noDetail:     "Choose an exchange to see its headers, its body and the server's reasons.",
	lessonRoom:   "Lesson",
	workRoom:     "Machines",
	inspectRoom:  "Network",
	rooms:        "Rooms",
	split:        "Size of the rooms",
	steps:        "%d of %d",
	showMe:       "Show me",
	versions:     "Version of the text",
	onlyReads:    "Nothing yet but what the portal reads to draw itself.",
	connected:    "connected",
	noAnswer:     "no answer",
	fromTo:       "%s (%s) to %s, %v on the lab's clock",
	noScript:     "its script did not load",
	otherBuild:   "The page and its lab are of different builds, so they do not start together: the site was changed while the page was open. Reload the page; what you did is kept.",
	revived:      "The browser ended the lab, so it was started again. It goes on as it was after your last command.",
	stopped:      "The command did not stop by itself, so the lab was ended and started again. It is as it was before that command.",
	labGone:      "The lab ended several times in a row. Reload the page; if that does not help, Start over begins it anew.",
	update:       "A new version of Skylab is ready. Reload to use it; your labs stay as they are.",
	updateNow:    "Reload now",
	updateLater:  "Later",
	plainHTTP:    "This address is plain http, over which browsers keep no site for use offline and do not tell tabs of each other. All else works; over https, or on the machine that serves it, that does, too.",
	understood:   "OK",
	share:        "Share",
	shareText:    "Whoever opens this link gets a copy of this lab: files, resources, what was typed and printed. The lab is in the link itself and goes to no server.",
	shareMaking:  "Making the link…",
	shareFile:    "Save the lab as a file, send that, and let it be opened here.",
	shareLink:    "Link",
	shareSave:    "Save as a file",
	shareOpen:    "Open a file:",
	closePanel:   "Close",
	noPacking:    "This browser cannot pack a lab into a link.",
	notPacked:    "The lab could not be packed into a link (%s).",
	tooLarge:     "This lab is too large for a link: it would have %d KB, which mail and chats cut off.",
	notALab:      "it is no lab of Skylab",
	refused:      "The lab that was shared cannot be opened (%s). The link may have been cut off or the file changed: ask for it again. This is your own lab.",
	copyOpen:     "This is a copy of a lab that was shared. Nothing of it was run here, and your own lab is as you left it.",
	ownLab:       "Go to my own lab",
	startOverAll: "Start over everything",
	notForgotten: "What is kept could not be deleted (%s). Delete this site's data in the browser's settings.",
}
