package vnet

import (
	"strconv"
	"testing"
)

func FuzzPorts(f *testing.F) {
	for _, s := range []string{"*", "22", "80-90", "90-80", "-1", "70000", "1-", "a", "", " 1 - 2 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		low, high, ok := ports(s)
		if !ok {
			return
		}
		if low < 0 || high > 65535 || low > high {
			t.Fatalf("%q is %d to %d", s, low, high)
		}
		if s != "*" {
			if l, h, ok := ports(strconv.Itoa(low) + "-" + strconv.Itoa(high)); !ok || l != low || h != high {
				t.Fatalf("%q does not read again as %d to %d", s, low, high)
			}
		}
	})
}
