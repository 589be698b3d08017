package tool

import "context"

// Parking returns a context for an interpreter that looks at its end by Done
// now and then: each look parks as [Process.Yield] does.
func (p *Process) Parking(ctx context.Context) context.Context {
	if p.Yield == nil {
		return ctx
	}
	return &parking{ctx, p.Yield, 0}
}

type parking struct {
	context.Context
	yield func(context.Context) error
	looks int
}

func (p *parking) Done() <-chan struct{} {
	if p.looks++; p.looks%16 == 0 && p.yield(p.Context) != nil {
		return over
	}
	return p.Context.Done()
}

func (p *parking) Err() error {
	if err := p.Context.Err(); err != nil {
		return err
	}
	return p.yield(p.Context)
}

// ParkingErr is Parking for an interpreter that calls Done once and looks at
// that channel: it always finds it closed, asks Err, and parks there.
func (p *Process) ParkingErr(ctx context.Context) context.Context {
	if p.Yield == nil {
		return ctx
	}
	return parkingErr{ctx, p.Yield}
}

type parkingErr struct {
	context.Context
	yield func(context.Context) error
}

func (p parkingErr) Done() <-chan struct{} { return over }

func (p parkingErr) Err() error { return p.yield(p.Context) }

// over is closed.
var over = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
