package clock

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestLogicalClockMovesOnlyWhenTold(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := New(at)
	if !c.Now().Equal(at) {
		t.Fatalf("Now = %v", c.Now())
	}
	c.Advance(time.Hour)
	c.Advance(-time.Hour)
	c.Spend(time.Minute)
	if err := c.Sleep(context.Background(), time.Second); err != nil {
		t.Fatal(err)
	}
	if got := c.Now().Sub(at); got != time.Hour+time.Minute+time.Second {
		t.Errorf("moved by %v", got)
	}
	s := c.State()
	c.Advance(time.Hour)
	c.Restore(s)
	if !c.Now().Equal(s.Now) {
		t.Errorf("after Restore %v, want %v", c.Now(), s.Now)
	}
}

func TestSleepEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []*Clock{New(time.Unix(0, 0)), Real()} {
		if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("Sleep = %v", err)
		}
	}
}

func TestRealClockKeepsAnOffset(t *testing.T) {
	c := Real()
	c.Spend(time.Hour)
	c.Advance(48 * time.Hour)
	d := time.Until(c.Now())
	if d < 47*time.Hour || d > 49*time.Hour {
		t.Errorf("offset %v", d)
	}
}
