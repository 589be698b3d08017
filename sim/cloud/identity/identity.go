// Package identity is the seam between Entra and the services that trust it:
// what a verified token says, who a principal is, and how managed identities
// come and go. It holds types alone; sim/cloud/entra implements them.
package identity

import (
	"context"
	"fmt"
	"time"

	"skylab/sim/ojson"
)

// Claims is a token that was verified, or the readable part of one that was not.
type Claims struct {
	Raw       *ojson.Object // the payload in its order
	Audience  string
	Issuer    string
	TenantID  string
	ObjectID  string // oid: the principal
	AppID     string
	UPN       string   // of a user
	Name      string   // display name of a user
	Scopes    []string // scp: delegated permissions
	Roles     []string // app permissions
	DirRoles  []string // wids
	NotBefore time.Time
	Expires   time.Time
	App       bool // the token is an application's own, not a user's
}

// Reason says what is wrong with a token.
type Reason string

// Why a token is refused. They are checked in this order.
const (
	Malformed   Reason = "malformed"    // not a JWT, or an algorithm other than RS256
	BadKey      Reason = "key"          // signed with a key that is not published
	BadSign     Reason = "signature"    // the signature does not fit
	BadIssuer   Reason = "issuer"       // not this tenant's
	BadAudience Reason = "audience"     // meant for somebody else
	NotYet      Reason = "not-yet"      // nbf lies in the future
	Expired     Reason = "expired"      // exp has passed
	NoPrincipal Reason = "no-principal" // the principal was deleted
)

// TokenError is a refused token. Claims is nil when the token is unreadable.
type TokenError struct {
	Reason Reason
	Claims *Claims
	Detail string
}

func (e *TokenError) Error() string { return fmt.Sprintf("token refused (%s): %s", e.Reason, e.Detail) }

// Verifier checks bearer tokens.
type Verifier interface {
	// Verify checks signature, issuer, times and audience (exact match with one
	// of audiences). Its error is a *TokenError. It adds a note "token" to the
	// exchange in ctx.
	Verify(ctx context.Context, raw string, audiences []string) (*Claims, error)
}

// Kinds of principals, as role assignments name them.
const (
	KindUser             = "User"
	KindGroup            = "Group"
	KindServicePrincipal = "ServicePrincipal"
)

// Principal is a user, a group or a service principal.
type Principal struct {
	ID          string // object id
	Kind        string
	DisplayName string
	AppID       string // of a service principal
	UPN         string // of a user
	// SPType is a service principal's type: "Application", "ManagedIdentity".
	SPType string
	// ResourceID is the ARM id that a managed identity belongs to.
	ResourceID string
}

// Federated is a federated credential: it names assertions of another issuer
// that an application or a user-assigned identity may prove itself with. Issuer,
// subject and audience must be equal to the assertion's, case included.
type Federated struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	Audience string `json:"audience"`
	// Description is a person's note; only applications keep one.
	Description string `json:"description,omitempty"`
}

// Directory is Entra as other services use it.
type Directory interface {
	TenantID() string
	Lookup(objectID string) (Principal, bool)
	// Groups returns the object ids of all groups a principal is in, nested
	// groups included.
	Groups(objectID string) []string
	// CreateManagedIdentity makes the service principal of a managed identity:
	// name is its display name, resourceID the ARM id of the VM (system) or of
	// the identity resource (user-assigned: explicit).
	CreateManagedIdentity(name, resourceID string, explicit bool) (Principal, error)
	// SetFederated sets the federated credentials of a managed identity, or of an
	// application, by its object id.
	SetFederated(objectID string, list ...Federated) error
	// DeletePrincipal removes a principal and its memberships.
	DeletePrincipal(objectID string)
}
