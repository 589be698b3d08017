package sim

import (
	"encoding/json"

	"skylab/sim/labapi"
)

// block is a command that a console showed, with what it printed.
type block struct {
	labapi.Block
	text []byte // the block as JSON, once nothing more comes
}

// extraBlocks is where a lab keeps what its consoles showed.
const extraBlocks = "blocks"

// maxShown is how many bytes of a console's past are kept with the lab.
const maxShown = 256 << 10

// shownBefore takes what the consoles showed from the lab, as after a reload or
// an undo.
func (s *Service) shownBefore() {
	s.blocks = map[string][]block{}
	var texts map[string][]json.RawMessage
	// What cannot be read shows nothing; the shells themselves are not in it.
	if raw, ok := s.lab.Extra[extraBlocks]; !ok || json.Unmarshal(raw, &texts) != nil {
		return
	}
	for console, list := range texts {
		for _, text := range list {
			b := block{text: text}
			if json.Unmarshal(text, &b.Block) == nil {
				s.blocks[console] = append(s.blocks[console], b)
			}
		}
	}
}

// blocksJSON is what the consoles showed, as a lab keeps it. The service is locked.
func (s *Service) blocksJSON() (json.RawMessage, error) {
	consoles := map[string]json.RawMessage{}
	for console, list := range s.blocks {
		texts := make([][]byte, len(list))
		for i, b := range list {
			text := b.text
			if text == nil { // it still prints
				var err error
				if text, err = json.Marshal(b.Block); err != nil {
					return nil, err
				}
			}
			texts[i] = text
		}
		consoles[console] = array(texts)
	}
	return joined(consoles), nil
}

// shown is what a console showed.
func (s *Service) shown(console string) (list []labapi.Block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.blocks[console] {
		list = append(list, b.Block)
	}
	return list
}

// begin adds a command to what a console showed.
func (s *Service) begin(console, prompt, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks[console] = append(s.blocks[console], block{Block: labapi.Block{Prompt: prompt, Text: text}})
}

// printed adds to the output of the command that runs in a console.
func (s *Service) printed(console, stream, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.blocks[console]
	if len(list) == 0 { // the console was cleared or closed meanwhile
		return
	}
	b := &list[len(list)-1]
	b.text = nil // a job may print after its command ended
	if n := len(b.Output); n > 0 && b.Output[n-1].Stream == stream {
		if len(b.Output[n-1].Text) < maxShown {
			b.Output[n-1].Text += text
		}
		return
	}
	if len(b.Output) < maxShown/64 {
		b.Output = append(b.Output, labapi.Output{Stream: stream, Text: text})
	}
}

// end closes a console's last block and forgets the oldest beyond what is kept.
func (s *Service) end(console string, r labapi.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Clear || r.Closed {
		delete(s.blocks, console)
		return
	}
	list := s.blocks[console]
	b := &list[len(list)-1]
	b.Done, b.Status, b.Duration = true, r.Status, r.Duration
	b.text, _ = json.Marshal(b.Block) // plain data always can be
	size, first := 0, len(list)
	for first > 0 && size < maxShown {
		first--
		size += len(list[first].Text)
		for _, o := range list[first].Output {
			size += len(o.Text)
		}
	}
	s.blocks[console] = append([]block{}, list[first:]...)
}
