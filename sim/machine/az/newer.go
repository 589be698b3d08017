package az

// Change is what a newer version of az does otherwise than the one that is
// simulated.
type Change struct {
	Since   string // the first version that does it
	Command string // the command it is about
	Text    string // one sentence, ours
	Source  string // its pull request
}

// Newer is what newer versions do otherwise, oldest first, as the tool's history
// of releases has it; lessons quote it. What is taken here too says so.
var Newer = []Change{
	{"2.51.0", "ad sp create-for-rbac", "--json-auth is another name of --sdk-auth.", "Azure/azure-cli#26572"},
	{"2.54.0", "account get-access-token", "The result has expires_on too, in seconds since 1970.", "Azure/azure-cli#27476"},
	{"2.54.0", "network public-ip create", "A public address is of the kind Standard where --sku is not given; in 2.45 it is Basic.", "Azure/azure-cli#27691"},
	{"2.54.0", "role assignment create", "--scope must be given and --resource-group is gone; without both, 2.45 takes the whole subscription.", "Azure/azure-cli#27651"},
	{"2.54.0", "vm create", "The aliases UbuntuLTS, Debian, RHEL and CentOS are gone; Ubuntu2204 and later ones stand in their place, which are taken here too.", "Azure/azure-cli#27566"},
	{"2.54.0", "vm create", "A machine is started as a trusted one (--security-type TrustedLaunch) where nothing else is said.", "Azure/azure-cli#27749"},
	{"2.54.0", "vm identity assign", "--role has no default; in 2.45 --scope alone gives Contributor.", "Azure/azure-cli#27657"},
	{"2.56.0", "storage account create", "Nobody may read blobs without signing in unless --allow-blob-public-access is given.", "Azure/azure-cli#28091"},
	{"2.61.0", "keyvault create", "A vault is made for roles; 2.45 makes one for access policies unless --enable-rbac-authorization is given.", "Azure/azure-cli#28886"},
	{"2.61.0", "login", "In a terminal, the sign-in asks which subscription shall be the current one.", "Azure/azure-cli#28910"},
	{"2.65.0", "vm create", "--ssh-key-type Ed25519 makes keys of that kind.", "Azure/azure-cli#29926"},
	{"2.67.0", "login", "An application's certificate is named with --certificate; --password takes it no more.", "Azure/azure-cli#30092"},
	{"2.68.0", "role assignment delete", "Without arguments nothing is deleted; 2.45 deletes every assignment of the subscription.", "Azure/azure-cli#30470"},
	{"2.69.0", "login", "--client-id, --object-id and --resource-id say which managed identity is meant.", "Azure/azure-cli#30525"},
	{"2.69.0", "role definition show", "The command exists, which is taken here too; 2.45 has role definition list --name instead.", "Azure/azure-cli#30593"},
	{"2.71.0", "vm list-sizes", "The command is deprecated.", "Azure/azure-cli#31080"},
	{"2.72.0", "ad sp create-for-rbac", "--create-password false makes an application without a secret.", "Azure/azure-cli#31215"},
	{"2.72.0", "role assignment delete", "--assignee-object-id names who has the role without a question to Graph, also with role assignment list.", "Azure/azure-cli#30469"},
	{"2.73.0", "login", "--username is refused with --identity: Passing the managed identity ID with --username is no longer supported. Use --client-id, --object-id or --resource-id instead.", "Azure/azure-cli#31015"},
	{"2.73.0", "role assignment list", "--include-classic-administrators is gone.", "Azure/azure-cli#29470"},
}
