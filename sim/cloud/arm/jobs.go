package arm

import (
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"skylab/sim/ojson"
)

// FollowJob answers 202 and leads to an operation as Microsoft.Resources does:
// by a Location below the subscription that holds the operation's ID. It ends in
// the operation's Result.
func (x *Request) FollowJob(op Operation, location string) error {
	token, err := ojson.Marshal(ojson.Obj("jobId", op.ID, "jobLocation", location))
	if err != nil {
		return err
	}
	x.W.Header().Set("Location", "https://management.azure.com/subscriptions/"+x.call.sub.ID+"/operationresults/"+base64.RawURLEncoding.EncodeToString(token)+"?api-version="+x.Version)
	x.W.Header().Set("Retry-After", strconv.Itoa(op.Retry))
	x.W.WriteHeader(http.StatusAccepted)
	return nil
}

// Text reads the request's body as it is, for types that read more than strict
// JSON.
func (x *Request) Text() ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(x.W, x.Request.Body, maxBody))
	if err != nil {
		return nil, failf(http.StatusRequestEntityTooLarge, "RequestContentTooLarge", "The request content size exceeds the maximum size of 4 MB.")
	}
	return data, nil
}

// Versions returns the api-versions of a resource type, the newest first; nil of
// one that is not simulated.
func (a *ARM) Versions(fullType string) []string {
	if t := a.types[strings.ToLower(fullType)]; t != nil {
		return t.Versions
	}
	return nil
}

// ScopeBody returns a subscription or a resource group as GET shows it; nil if
// there is none.
func (a *ARM) ScopeBody(id string) *ojson.Object {
	if g, ok := a.groupAt(id); ok {
		return g.body(resourceVersions[0])
	}
	for _, s := range a.subscriptions() {
		if strings.EqualFold("/subscriptions/"+s.ID, id) {
			return ojson.Obj("id", "/subscriptions/"+s.ID, "subscriptionId", s.ID, "tenantId", a.Directory.TenantID(), "displayName", s.Name)
		}
	}
	return nil
}

// InGroup returns the resources of a group that lists show, by id.
func (a *ARM) InGroup(group string) []Resource {
	a.Settle()
	return slices.DeleteFunc(a.Resources(), func(r Resource) bool {
		t := a.types[strings.ToLower(r.Type)]
		return !strings.HasPrefix(strings.ToLower(r.ID), strings.ToLower(group)+"/") || t == nil || t.Proxy
	})
}

// spelledOut adds to the path of a deployment the provider that older clients,
// the Azure CLI among them, leave out when they ask for its operations.
func spelledOut(segments []string) []string {
	if len(segments) > 5 && strings.EqualFold(segments[2], "resourcegroups") && strings.EqualFold(segments[4], "deployments") {
		return slices.Insert(slices.Clone(segments), 4, "providers", "Microsoft.Resources")
	}
	return segments
}
