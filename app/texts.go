package app

import (
	"strings"

	goapp "github.com/maxence-charriere/go-app/v9/pkg/app"
)

// catalogue is all that the page says in one language. Texts with a % are
// formats; texts_en.go shows what goes into them.
type catalogue struct {
	about, aboutPage, accepted, advance, allLessons, answered, asPrinted                 string
	asText, badMessage, choose, close, closePanel, closeTab, command                     string
	compare, compareEnd, compareOther, compareSame, compared, complete, completions      string
	connected, console, copyAll, copyBlock, copyCurl, copyOpen, copyText                 string
	copyToken, crumbs, detail, earlier, earlierCommands, earlierExchanges, editorText    string
	elsewhere, equivalentRead, equivalents, exchanges, expired, failed, fileTooLarge     string
	files, filesOf, find, findCount, findDown, findNothing, findUp                       string
	finished, finishedTitle, firstLesson, foldAgain, folded, folderUp, fromTo            string
	goesOn, heading, hideSolution, hint, hints, hours, indent                            string
	inspectRoom, keys, labGone, lead, lessonFailed, lessonRoom, lessons                  string
	limitsPage, listFailed, machines, menu, mins, minutes, minutesShort                  string
	mistake, name, newConsole, newFile, nextLesson, no, noAnswer                         string
	noDetail, noExchanges, noPacking, noScript, nobody, notALab, notForgotten            string
	notKept, notPacked, notYet, ok, onlyReads, open, otherBuild                          string
	otherToken, ownLab, plainHTTP, portal, portalReads, privacyPage, progress            string
	putInto, reads, redo, refused, renameTab, request, resetField                        string
	notWider, response, revived, rooms, run, sandbox, sandboxLead, sandboxes             string
	save, saveAll, saveClose, saveCopy, saveHAR, saved, saysDone                         string
	saysLines, saysOK, saysRedone, saysUndone, secret, share, shareFile                  string
	shareLink, shareMaking, shareOpen, shareSave, shareText, showMe, showWhy             string
	solution, solutionPortal, split, startOver, startOverAll, startOverAsk, startOverYes string
	starting, stepDone, stepNow, stepTodo, steps, stop, stopped                          string
	tabHint, takeOver, taken, theme, token, tokenClaims, tokenHeader                     string
	tokenShort, tooLarge, tooLong, try, tryRun, understood, undo                         string
	unreadable, unsaved, until, update, updateLater, updateNow, upload                   string
	versions, ways, whatNext, why, whyNot, widening, workRoom, workerFailed              string
	worthless                                                                            string
	keyList                                                                              [][2]string       // keys, several with | between, and what they do
	themes                                                                               map[string]string // by theme; "" is the system's
}

// languages are the catalogues by language.
var languages = map[string]*catalogue{"en": &english}

// texts is the catalogue of the document's language, or English.
var texts = language(goapp.Window().Get("document").Get("documentElement").Get("lang").String())

func language(tag string) *catalogue {
	primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if c := languages[primary]; c != nil {
		return c
	}
	return &english
}
