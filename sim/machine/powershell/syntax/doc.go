// Package syntax turns PowerShell text into a syntax tree.
//
// A [Source] is the text, a [Span] a place in it, [Parse] the way from text to
// a [ScriptBlock] and a list of [Error]s: several at once, each with the id,
// text and position that PowerShell gives, and whether more input could mend
// it. What a tree means is the evaluator's matter: the package knows no values
// but the constants of the text (numbers and strings), no commands and no
// types.
//
// The tokenizer has modes, for the same characters are an argument after a
// command's name and an operator in an expression; the parser sets the mode and
// may ask for a token again in another one. Both editions share the grammar of
// PowerShell 7; [Options] switches off what Windows PowerShell 5.1 lacks.
package syntax
