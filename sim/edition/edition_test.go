package edition

import "testing"

func TestTextIsWrittenWhenItChanged(t *testing.T) {
	var m Mutex
	var text Text
	value, reads := 1, 0
	want := func(json string, n int) {
		t.Helper()
		got, err := text.JSON(&m, func() any {
			m.RLock()
			defer m.RUnlock()
			reads++
			return value
		})
		if err != nil || string(got) != json || reads != n {
			t.Errorf("%s after %d reads, %v; want %s after %d", got, reads, err, json, n)
		}
	}
	want("1", 1)
	want("1", 1)
	m.Lock()
	value = 2
	m.Unlock()
	want("2", 2)
	want("2", 2)
	if _, err := new(Text).JSON(&m, func() any { return make(chan int) }); err == nil {
		t.Error("a channel is no JSON")
	}
}

func TestAChangeWhileItIsReadIsWrittenTheNextTime(t *testing.T) {
	var m Mutex
	var text Text
	value := 1
	for _, want := range []string{"1", "2"} {
		got, err := text.JSON(&m, func() any {
			before := value
			if value == 1 {
				m.Lock()
				value = 2
				m.Unlock()
			}
			return before
		})
		if err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}
