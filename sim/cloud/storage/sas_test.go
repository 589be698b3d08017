package storage

import "testing"

func FuzzMoment(f *testing.F) {
	for _, s := range []string{"2027-09-23T00:00:00Z", "2027-09-23", "2027-09-23T02:00:00.5+02:00", "2027-09-23T01:02", "2027-09-23T01:02Z", "", "tomorrow", "0000-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := moment(s)
		if !ok {
			return
		}
		if again, ok := moment(at); len(at) == 20 && (!ok || again != at) {
			t.Fatalf("%q is %q, and that is %q", s, at, again)
		}
	})
}

func TestSignTakesKeysInBase64Only(t *testing.T) {
	// RFC 4231, case 2: key "Jefe".
	if got := Sign("SmVmZQ==", "what do ya want for nothing?"); got != "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=" {
		t.Error(got)
	}
	if got := Sign("no base64", "x"); got != "" {
		t.Error(got)
	}
}
