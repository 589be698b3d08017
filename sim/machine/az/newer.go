package az

// Change is what a newer version of az does otherwise than the one that is
// simulated.
type Change struct {
	Since   string // the first version of which it is known; "" if none is
	Command string // the command it is about
	Text    string // one sentence, ours
	Source  string // where it is public
}

// Newer is what newer versions do otherwise; lessons quote it. What has no
// version was not looked up in the tool's history.
var Newer = []Change{
	{"2.54.0", "role assignment create", "--scope must be given; without it 2.45 takes the whole subscription.", "MicrosoftDocs/azure-dev-docs#1326"},
	{"2.69.0", "role definition show", "The command exists, which is taken here too; 2.45 has role definition list --name instead.", "Azure/azure-cli#30593"},
	{"2.69.0", "login", "--client-id, --object-id and --resource-id say which managed identity is meant.", "Azure/azure-cli#30525"},
	{"2.73.0", "login", "--username is refused with --identity: Passing the managed identity ID with --username is no longer supported. Use --client-id, --object-id or --resource-id instead.", "Azure/azure-cli#31015, #31453"},
	{"", "account get-access-token", "The result has expires_on too, in seconds since 1970.", "facts/az-cli.md §D4"},
	{"", "login", "In a terminal, the sign-in asks which subscription shall be the current one.", "the tool's documentation"},
	{"", "vm create", "The aliases UbuntuLTS, Debian, RHEL and CentOS are gone; Ubuntu2204 and later ones stand in their place, which are taken here too.", "the tool's documentation"},
}
