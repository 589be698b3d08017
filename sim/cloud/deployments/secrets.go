package deployments

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"slices"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/cloud/template"
	"skylab/sim/exchange"
)

// What a deployment was asked may hold secrets, the values of its secure
// parameters. While it runs, its job must keep them, for it goes on after a
// reload, too; it keeps the request sealed, and forgets it at the end. The key
// comes from the lab's seed: whoever has the whole lab can go on with it, and
// nobody reads a password in a saved lab, a step of undo or a link.

// sealer is the cipher of one run of a deployment. It seals one text only, so
// the nonce may stay the same.
func sealer(a *arm.ARM, operation string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(a.IDs.Named("deployments.seal", operation, 32))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal hides the request of a job.
func (j *job) seal(a *arm.ARM) error {
	if j.Body == "" {
		j.Sealed = nil
		return nil
	}
	c, err := sealer(a, j.Operation)
	if err != nil {
		return err
	}
	j.Sealed = c.Seal(nil, make([]byte, c.NonceSize()), []byte(j.Body), nil)
	j.Body = ""
	return nil
}

// unseal brings the request of a job back.
func (j *job) unseal(a *arm.ARM) error {
	if len(j.Sealed) == 0 {
		return nil
	}
	c, err := sealer(a, j.Operation)
	if err != nil {
		return err
	}
	text, err := c.Open(nil, make([]byte, c.NonceSize()), j.Sealed, nil)
	if err != nil {
		return errors.New("its request was sealed in another lab")
	}
	j.Body, j.Sealed = string(text), nil
	return nil
}

// withoutSecrets is the text of a request with the values of secure parameters
// hidden; ok is false if there are none.
func withoutSecrets(text string, root *template.Node) (hidden string, ok bool) {
	p := root.Get("properties")
	declared, given := p.Get("template").Get("parameters"), p.Get("parameters")
	if declared == nil || given == nil {
		return "", false
	}
	var places []*template.Node
	for _, f := range declared.Fields {
		if v := given.Get(f.Name).Get("value"); v != nil && template.Secure(f.Value.Text("type")) {
			places = append(places, v)
		}
	}
	if len(places) == 0 {
		return "", false
	}
	text = strings.TrimPrefix(text, "\ufeff")
	slices.SortFunc(places, func(m, n *template.Node) int { return n.Start - m.Start })
	for _, n := range places { // the last first, so that places stay right
		text = text[:n.Start] + `"` + exchange.Hidden + `"` + text[n.End:]
	}
	return text, true
}
