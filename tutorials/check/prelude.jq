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
