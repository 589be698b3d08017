package sim

import (
	"encoding/json"
	"slices"

	"skylab/sim/view"
)

// commandLog is the last commands that finished, oldest first.
type commandLog struct {
	list  []view.Command
	texts [][]byte // each as JSON, for none changes any more
}

// maxCommands is how many finished commands the log keeps.
const maxCommands = 500

func (l *commandLog) add(c view.Command) {
	text, _ := json.Marshal(c) // plain data always can be
	l.list, l.texts = append(l.list, c), append(l.texts, text)
	if over := len(l.list) - maxCommands; over > 0 {
		l.list, l.texts = slices.Delete(l.list, 0, over), slices.Delete(l.texts, 0, over)
	}
}

func (l *commandLog) restore(list []view.Command) {
	*l = commandLog{}
	for _, c := range list {
		l.add(c)
	}
}

func (l *commandLog) json() ([]byte, error) { return array(l.texts), nil }

// array is a list of texts that are JSON, which are not looked through again.
func array(texts [][]byte) []byte {
	size := 2
	for _, text := range texts {
		size += len(text) + 1
	}
	out := append(make([]byte, 0, size), '[')
	for i, text := range texts {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, text...)
	}
	return append(out, ']')
}
