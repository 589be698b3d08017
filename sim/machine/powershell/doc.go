// Package powershell is PowerShell: a session in which text is parsed, run and
// its output shown, as Windows PowerShell 5.1 or PowerShell 7 would. It knows
// nothing of Azure, lessons or wasm; what it needs of the world it gets through
// the seams of [Config]: files, an http.RoundTripper, a clock, processes and a
// host.
//
// Each package below it is about one thing; a package imports only those above
// it in this list:
//
//	syntax    text to tree: tokenizer, parser, parse errors
//	decimal   System.Decimal
//	culture   numbers as text, by format strings and back
//	datetime  DateTime, DateTimeOffset, TimeSpan
//	object    values, types, conversions, string forms, composite formatting
//	operator  what -eq, +, -like, -replace … do with values
//	member    properties and methods of .NET types, static and of instances
//	format    objects to lines: tables, lists, wide and custom views
//	.         this package: scopes, evaluation, pipelines, parameter binding,
//	          errors, streams, sessions
//	cmdlet    the commands, declared as data and run through [Invocation]
//
// # Values
//
// A value is a Go any, see package object: Go's own numbers, bool and string
// stand for .NET's; everything with identity is a pointer, so that aliases and
// cycles stay what they are when a session is marshalled.
//
// # Errors
//
// What goes wrong travels as a Go error. [object.Error] is a .NET exception
// with the error id that PowerShell gives it; the evaluator makes an error
// record of it, at the place in the text where it happened. Flow control (break,
// return, exit) travels the same way, in types of this package.
//
// # Pipelines
//
// A pipeline pushes: each command gets a [Sink] and writes into it, and the
// sink is the next command's input. Nothing is gathered that need not be, and a
// command that wants no more makes those before it stop by returning an error.
//
// # Stopping
//
// Between statements the evaluator counts and, every few thousand of them, calls
// [Config.Yield], which may park the goroutine and returns an error when the
// person wants the command to stop.
package powershell
