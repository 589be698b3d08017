package msi

import (
	"net/http"
	"strings"

	"skylab/sim/cloud/arm"
	"skylab/sim/ojson"
)

// operations are the actions of the namespace that roles may allow (the public
// list of permissions of resource providers); what they are for is said in our
// words.
var operations = []struct{ name, resource, operation, description string }{
	{"register/action", "Subscription", "Register", "Register the provider with a subscription"},
	{"operations/read", "Operations", "List operations", "List the operations of the provider"},
	{"identities/read", "System Assigned Identity", "Get", "Read the system-assigned identity of a resource"},
	{"userAssignedIdentities/read", "User Assigned Identity", "Get", "Read a user-assigned identity"},
	{"userAssignedIdentities/write", "User Assigned Identity", "Create or update", "Create a user-assigned identity or change its tags"},
	{"userAssignedIdentities/delete", "User Assigned Identity", "Delete", "Delete a user-assigned identity"},
	{"userAssignedIdentities/assign/action", "User Assigned Identity", "Assign", "Put a user-assigned identity on a resource"},
	{"userAssignedIdentities/listAssociatedResources/action", "User Assigned Identity", "List associated resources", "List the resources that use a user-assigned identity"},
	{"userAssignedIdentities/revokeTokens/action", "User Assigned Identity", "Revoke tokens", "Revoke the tokens of a user-assigned identity"},
	{"userAssignedIdentities/federatedIdentityCredentials/read", "Federated Identity Credential", "Get", "Read a federated credential of a user-assigned identity"},
	{"userAssignedIdentities/federatedIdentityCredentials/write", "Federated Identity Credential", "Create or update", "Create or change a federated credential"},
	{"userAssignedIdentities/federatedIdentityCredentials/delete", "Federated Identity Credential", "Delete", "Delete a federated credential"},
}

// serveOperations lists the operations; everybody may see them.
func serveOperations(_ *arm.ARM, x *arm.Request) error {
	switch {
	case x.Name != "" || strings.Trim(x.Scope, "/") != "":
		return fail(http.StatusNotFound, "NotFound", "The operations of a provider are at /providers/%s/operations.", namespace)
	case x.Method != http.MethodGet:
		return fail(http.StatusMethodNotAllowed, "HttpMethodNotAllowed", "The HTTP method is not allowed for this resource.")
	}
	list := []any{}
	for _, o := range operations {
		list = append(list, ojson.Obj("name", namespace+"/"+o.name, "display", ojson.Obj("provider", namespace, "resource", o.resource, "operation", o.operation, "description", o.description)))
	}
	x.Answer(http.StatusOK, ojson.Obj("value", list))
	return nil
}
