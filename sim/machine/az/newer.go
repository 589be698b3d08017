package az

// Change is what a newer version of az does otherwise than the one that is
// simulated.
type Change struct {
	Since string // the first version of which it is known
	// Command is the command it is about; "" for all.
	Command string
	Text    string // one sentence, ours
	Source  string // where it is public
}

// Newer is what newer versions do otherwise; lessons quote it.
var Newer = []Change{
	{"2.54.0", "role assignment create", "--scope must be given; without it 2.45 takes the whole subscription.", "Azure/azure-cli release notes; MicrosoftDocs/azure-dev-docs#1326"},
	{"2.54.0", "account get-access-token", "The result has expires_on too, in seconds since 1970.", "Azure/azure-cli release notes"},
	{"2.61.0", "login", "On Linux and in a terminal, the sign-in asks which subscription shall be the current one.", "Azure/azure-cli release notes"},
	{"2.69.0", "login", "--client-id, --object-id and --resource-id say which managed identity is meant.", "Azure/azure-cli#30525"},
	{"2.73.0", "login", "--username is refused with --identity: Passing the managed identity ID with --username is no longer supported. Use --client-id, --object-id or --resource-id instead.", "Azure/azure-cli#31015, #31453"},
	{"2.50.0", "vm create", "The alias UbuntuLTS is gone; Ubuntu2204 and later ones stand in its place, which are taken here too.", "Azure/azure-cli release notes"},
	{"2.66.0", "role definition show", "The command exists; 2.45 has role definition list --name instead.", "Azure/azure-cli release notes"},
}
