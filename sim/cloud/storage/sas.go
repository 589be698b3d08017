package storage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"skylab/sim/cloud/arm"
	"skylab/sim/exchange"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// sasVersion is the storage version of the signatures that Resource Manager
// makes, whatever its api-version (facts/azure-wire.md §5.4).
const sasVersion = "2015-04-05"

// Sign returns the signature of a string by an account's key: HMAC-SHA256 with
// the key's bytes, in base64. A key that is no base64 signs nothing: "".
func Sign(key, text string) string {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return ""
	}
	h := hmac.New(sha256.New, raw)
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// sas is a shared access signature that is being made.
type sas struct {
	x      *arm.Request
	body   *ojson.Object
	values map[string]string // by their names in the token
}

// parameter is a member of the request's body, its name in the token, and what
// it may be.
type parameter struct {
	member, name string
	check        func(string) (string, bool) // returns it as it is signed
}

func letters(allowed string) func(string) (string, bool) {
	return func(s string) (string, bool) {
		return s, !strings.ContainsFunc(s, func(c rune) bool { return !strings.ContainsRune(allowed, c) })
	}
}

func one(of string) func(string) (string, bool) {
	return func(s string) (string, bool) { return s, slices.Contains(strings.Fields(of), s) }
}

func plain(s string) (string, bool) { return s, !strings.ContainsAny(s, "\r\n") }

// moment reads a time and prints it as it is signed: to the second, in UTC.
func moment(s string) (string, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.9999999", "2006-01-02T15:04", "2006-01-02T15:04Z", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC().Format("2006-01-02T15:04:05Z"), true
		}
	}
	return "", false
}

// common are the parameters that both kinds of signatures have.
var common = []parameter{
	{"signedProtocol", "spr", one("https https,http http,https")}, {"signedStart", "st", moment}, {"signedExpiry", "se", moment}, {"signedIp", "sip", plain},
}

var serviceParameters = slices.Concat(common, []parameter{
	{"signedResource", "sr", one("b c f s")}, {"signedPermission", "sp", letters("racwdlupxtmeoi")}, {"signedIdentifier", "si", plain},
	{"startPk", "spk", plain}, {"startRk", "srk", plain}, {"endPk", "epk", plain}, {"endRk", "erk", plain},
	{"rscc", "rscc", plain}, {"rscd", "rscd", plain}, {"rsce", "rsce", plain}, {"rscl", "rscl", plain}, {"rsct", "rsct", plain},
})

var accountParameters = slices.Concat(common, []parameter{
	{"signedServices", "ss", letters("bqtf")}, {"signedResourceTypes", "srt", letters("sco")}, {"signedPermission", "sp", letters("rwdlacuptfxyi")},
})

// read takes the parameters out of the request's body.
func read(x *arm.Request, list []parameter) (*sas, error) {
	body, err := x.Body()
	if err != nil {
		return nil, err
	}
	s := &sas{x, body, map[string]string{"sv": sasVersion}}
	for _, p := range list {
		v, ok := body.GetFold(p.member)
		if !ok || v == nil {
			continue
		}
		text, isText := v.(string)
		value, fits := p.check(text)
		if !isText || !fits {
			return nil, badValue(p.member)
		}
		s.values[p.name] = value
	}
	if start, end := s.values["st"], s.values["se"]; start != "" && end != "" && start >= end {
		return nil, badValue("signedExpiry")
	}
	return s, nil
}

// key returns the key to sign with, "key1" unless the request names another.
func (s *sas) key(r *arm.Resource) (string, error) {
	name := s.body.Str("keyToSign")
	switch name {
	case "":
		name = "key1"
	case "key1", "key2":
	default:
		return "", badValue("keyToSign")
	}
	return r.Private.Str(name), nil
}

// values are those of the named parameters, in order.
func (s *sas) list(names string) []string {
	var out []string
	for _, n := range strings.Fields(names) {
		out = append(out, s.values[n])
	}
	return out
}

// answer signs a text and writes the token with the named parameters that have a
// value, in order.
func (s *sas) answer(r *arm.Resource, member, text, names string) error {
	key, err := s.key(r)
	if err != nil {
		return err
	}
	var parts []string
	for _, n := range strings.Fields(names) {
		if v := s.values[n]; v != "" {
			parts = append(parts, n+"="+url.QueryEscape(v))
		}
	}
	network.AddNote(s.x.Context(), exchange.Note{Kind: "storage.sas", Text: "The signature is made of this text: " + strings.ReplaceAll(text, "\n", `\n`), Data: map[string]any{"stringToSign": text}})
	s.x.Answer(http.StatusOK, ojson.Obj(member, strings.Join(append(parts, "sig="+url.QueryEscape(Sign(key, text))), "&")))
	return nil
}

// listServiceSAS signs access to a container, a blob, a share, a file, a queue
// or a table.
func listServiceSAS(_ *arm.ARM, x *arm.Request, r *arm.Resource) error {
	s, err := read(x, serviceParameters)
	if err != nil {
		return err
	}
	path := s.body.Str("canonicalizedResource")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	depth := map[string][2]int{"c": {3, 3}, "b": {4, 99}, "s": {3, 3}, "f": {4, 99}, "": {3, 3}}[s.values["sr"]]
	home := map[string]string{"c": "blob", "b": "blob", "s": "file", "f": "file"}[s.values["sr"]]
	if _, ok := plain(path); !ok || !strings.HasPrefix(path, "/") || len(parts) < depth[0] || len(parts) > depth[1] || !strings.EqualFold(parts[1], r.Name) || slices.Contains(parts, "") ||
		home != "" && parts[0] != home || home == "" && parts[0] != "queue" && parts[0] != "table" {
		return badValue("canonicalizedResource")
	}
	if s.values["si"] == "" { // a stored policy may have them
		for _, need := range []parameter{{member: "signedPermission", name: "sp"}, {member: "signedExpiry", name: "se"}} {
			if s.values[need.name] == "" {
				return badValue(need.member)
			}
		}
	}
	text := strings.Join(append(s.list("sp st se"), path), "\n") + "\n" + strings.Join(s.list("si sip spr sv"), "\n")
	names := "sv sr spr st se sip si sp"
	switch parts[0] {
	case "blob", "file":
		text += "\n" + strings.Join(s.list("rscc rscd rsce rscl rsct"), "\n")
		names += " rscc rscd rsce rscl rsct"
	case "table":
		text += "\n" + strings.Join(s.list("spk srk epk erk"), "\n")
		s.values["tn"] = parts[2]
		names = strings.Replace(names, "sr", "tn", 1) + " spk srk epk erk"
	}
	return s.answer(r, "serviceSasToken", text, names)
}

// listAccountSAS signs access to the whole account.
func listAccountSAS(_ *arm.ARM, x *arm.Request, r *arm.Resource) error {
	s, err := read(x, accountParameters)
	if err != nil {
		return err
	}
	for _, need := range []parameter{{member: "signedServices", name: "ss"}, {member: "signedResourceTypes", name: "srt"}, {member: "signedPermission", name: "sp"}, {member: "signedExpiry", name: "se"}} {
		if s.values[need.name] == "" {
			return badValue(need.member)
		}
	}
	text := r.Name + "\n" + strings.Join(s.list("sp ss srt st se sip spr sv"), "\n") + "\n"
	return s.answer(r, "accountSasToken", text, "sv ss srt spr st se sip sp")
}
