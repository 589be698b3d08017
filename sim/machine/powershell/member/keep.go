package member

// Kinds returns a zero value of each type of this package that values are made
// of.
func Kinds() []any {
	return []any{
		Void{}, (*StringBuilder)(nil), (*Encoding)(nil), (*comparer)(nil), (*set)(nil), (*random)(nil), (*method)(nil), (*psObject)(nil), (*typeNameList)(nil), (*Info)(nil), (*memberList)(nil), (*tuple)(nil), (*enumerator)(nil), (*Delegate)(nil), (*keyList)(nil), (*psBase)(nil),
	}
}

// unusable is a value whose members cannot be had, for a reason.
type unusable interface{ Unusable() error }
