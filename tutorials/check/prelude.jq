# What every lesson's conditions can use, over the view of a lab.

# The resource of a virtual machine, by name.
def vm($name): first(.resources[] | select(.type == "Microsoft.Compute/virtualMachines" and .name == $name)) // null;

# The principal of the system-assigned identity of a VM, or null.
def principal($name): vm($name) | .identity.principalId;

# The ARM id of a resource group, by name.
def group($name): first(.resources[] | select(.type == "Microsoft.Resources/resourceGroups" and .name == $name) | .id) // null;

# The id of the subscription.
def subscription: first(.resources[] | select(.type == "Microsoft.Resources/subscriptions") | .subscriptionId) // null;

# Assignments of a principal that work at a scope: there or above it.
def assigned($principal; $scope): .assignments[] | select(.principalId == $principal) | select(.scope as $s | $scope | ascii_downcase | . == $s or startswith($s + "/"));

# A role that lets its owner read everything.
def reads: .role as $r | ["Reader", "Contributor", "Owner"] | index($r) != null;

# Exchanges, of the whole record or of $last: .exchanges[] | token_requests
def token_requests: select(.service == "Metadata service" and (.path | ascii_downcase | rtrimstr("/")) == "/metadata/identity/oauth2/token");
def arm_requests: select(.service == "Resource Manager");

# A token for Resource Manager, however its audience is spelled.
def for_arm: (.aud // "" | rtrimstr("/")) as $a | ["https://management.azure.com", "https://management.core.windows.net"] | index($a) != null;

# Connections by ssh, and whether one got a session of its choice on a machine.
def connections: select(.protocol == "ssh" or (.protocol == "tcp" and (.url | endswith(":22"))));
def logged_in($machine): any(.notes[]; .kind == "ssh.session" and .data.machine == $machine and .data.forced != true);

# The address of a public IP address, by its resource's name.
def public_address($name): first(.resources[] | select(.type == "Microsoft.Network/publicIPAddresses" and .name == $name) | .properties.ipAddress) // null;

# A user-assigned identity, by name, or null.
def identity($name): first(.resources[] | select(.type == "Microsoft.ManagedIdentity/userAssignedIdentities" and .name == $name)) // null;

# Whether an identity, as a resource has it in one field, is system-assigned too,
# and whether a user-assigned one is among those it names.
def has_system: (.type? // "" | ascii_downcase) | contains("systemassigned");
def has_user($name): any((.userAssignedIdentities? // {} | keys[]), (.identityIds? // [] | .[]) | ascii_downcase; endswith("/userassignedidentities/" + ($name | ascii_downcase)));
def attached($vm; $name): vm($vm) | .identity? | has_user($name);

# The identities that a VM was seen to have, in order, and what it has now; of
# such a list, whether something held once and then no more.
def seen($vm): [.exchanges[] | arm_requests | select(.status == 200 or .status == 201) | .response | objects | select((.type? // "" | ascii_downcase) == "microsoft.compute/virtualmachines" and .name? == $vm) | .identity] + [vm($vm) | .identity?];
def went(f): map(f) | index(true) as $i | $i != null and (.[$i:] | index(false)) != null;

# Why Resource Manager refused, in a request's answer: its code and its sentence.
def refusal: .response | objects | .error? | objects;

# Why the last deployment that failed did so, as text; "" if none has failed.
def deployment_failure: [.exchanges[] | arm_requests | select(.path | ascii_downcase | contains("/microsoft.resources/deployments/")) | .response | objects | (.error?, .properties?.error?) | objects | tostring] | last // "";

# Exchanges whose answer shows the identity of a resource with this principal. A
# list in the portal does not count: its blades make lists of their own accord.
def shows_principal($principal): .machine as $from | .status == 200 and any(.response | objects | (., (select($from != "portal") | .value? | arrays | .[] | objects)); .identity.principalId? == $principal);

# Whether a server noted something of a kind about its answer.
def noted($kind): any(.notes[]; .kind == $kind);

# A token request's answer came from the metadata service's cache.
def from_cache: any(.notes[]; .kind == "imds.cache" and .data.hit == true);

# What a token request says about which identity it means, or null.
def selector: .query | .client_id // .object_id // .msi_res_id // .mi_res_id;

# The error's description or code in an answer, or "".
def problem: if (.response | type) == "object" then (.response.error_description? // .response.error.code? // .response.error.message? // "") else "" end;

# The exchanges of a finished command of .commands, from the whole record.
def made($command): .exchanges[] | select(.id >= $command.first and .id <= $command.last);

# A value that $last or a console left in a shell variable of a machine.
def variables($machine): .machines[$machine].consoles[]?.vars[]?;

# $last was typed with a placeholder of the article still in it.
def left_in($last): $last != null and ($last.text | test("<[A-Za-z][A-Za-z -]+>")) and $last.status != 0;

# The ARM id of a storage account, by name.
def storage_account($name): first(.resources[] | select(.type == "Microsoft.Storage/storageAccounts" and .name == $name) | .id) // null;

# What az on a machine remembers of its sign-ins, as text.
def az_profile($machine): [.machines[$machine].files | to_entries[]? | select(.key | endswith("/.azure/azureProfile.json")) | .value] | join("\n");

# Requests to Microsoft Graph.
def graph_requests: select(.host == "graph.microsoft.com");

# The names of the virtual machines that have a user-assigned identity.
def users_of($identity): ($identity | ascii_downcase) as $i | .resources[] | select(.type == "Microsoft.Compute/virtualMachines" and any(.identity.userAssignedIdentities? // {} | keys[]; ascii_downcase | endswith("/" + $i))) | .name;
