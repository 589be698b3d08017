package arm

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"skylab/sim/cloud/identity"
	"skylab/sim/network"
	"skylab/sim/ojson"
)

// Event is an entry of the activity log: a write, a deletion or an action, when
// it began and when it ended.
type Event struct {
	ID          string    `json:"id"`
	At          time.Time `json:"at"`
	Action      string    `json:"action"`
	Resource    string    `json:"resource"` // ARM id
	Status      string    `json:"status"`   // "Started", "Accepted", "Succeeded", "Failed"
	SubStatus   string    `json:"subStatus,omitempty"`
	Code        string    `json:"code,omitempty"` // of a failure
	Message     string    `json:"message,omitempty"`
	Correlation string    `json:"correlation"`
	Method      string    `json:"method"`
	Address     string    `json:"address,omitempty"` // of the caller
	Caller      Caller    `json:"caller"`
}

// Caller is who did what an event tells.
type Caller struct {
	ObjectID string `json:"objectId"`
	AppID    string `json:"appId,omitempty"`
	UPN      string `json:"upn,omitempty"`
	Name     string `json:"name,omitempty"`
	Issuer   string `json:"issuer,omitempty"`
	Audience string `json:"audience,omitempty"`
}

// keptEvents is how many events the log keeps.
const keptEvents = 300

// log adds an event; the caller holds mu.
func (a *ARM) log(e Event) {
	a.state.Log = append(a.state.Log, e)
	if n := len(a.state.Log) - keptEvents; n > 0 {
		a.state.Log = slices.Clone(a.state.Log[n:])
	}
}

func callerOf(c *identity.Claims) Caller {
	return Caller{c.ObjectID, c.AppID, c.UPN, c.Name, c.Issuer, c.Audience}
}

// will remembers what a request that changes something is about to do, for the
// activity log.
func (c *call) will(action, resource string) {
	if c.Method == http.MethodGet || c.Method == http.MethodHead || c.event != nil {
		return
	}
	c.event = &Event{Action: action, Resource: resource, Method: c.Method, Address: network.CallerOf(c.Context()).Address, Caller: callerOf(c.claims),
		Correlation: c.w.Header().Get("x-ms-correlation-request-id"), ID: c.w.Header().Get("x-ms-request-id")}
}

// later is the event of the end of the operation that the request begins.
func (c *call) later() *Event {
	if c.event == nil {
		return nil
	}
	e := *c.event
	return &e
}

// tell writes the events of a request that was answered: its beginning, and its
// end unless that comes with an operation.
func (a *ARM) tell(c *call, err error) {
	if c.event == nil {
		return
	}
	e := *c.event
	e.At, e.Status = c.at, "Started"
	a.mu.Lock()
	defer a.mu.Unlock()
	a.log(e)
	if !c.inner { // an inner call is answered when it is made
		e.At = a.Clock.Now()
	}
	var problem *Error
	switch {
	case errors.As(err, &problem):
		e.Status, e.Code, e.Message, e.SubStatus = "Failed", problem.Code, problem.Message, strconv.Itoa(problem.Status)
	case err != nil:
		e.Status, e.SubStatus = "Failed", "500"
	case c.op != "":
		e.Status, e.SubStatus = "Accepted", "202"
	default:
		e.Status, e.SubStatus = "Succeeded", "200"
	}
	a.log(e)
}

// activityVersions are the api-versions of the activity log.
var activityVersions = strings.Fields("2017-03-01-preview 2015-04-01 2014-04-01")

var (
	since    = regexp.MustCompile(`(?i)^eventTimestamp\s+ge\s+'([^']+)'$`)
	until    = regexp.MustCompile(`(?i)^eventTimestamp\s+le\s+'([^']+)'$`)
	eventEq  = regexp.MustCompile(`(?i)^(resourceGroupName|resourceUri|resourceId|resourceProvider|correlationId|caller|status|eventChannels|levels)\s+eq\s+'([^']*)'$`)
	eventAnd = regexp.MustCompile(`(?i)\s+and\s+`)
)

// listActivity is Microsoft.Insights/eventtypes/management/values.
func (a *ARM) listActivity(c *call) error {
	text := strings.TrimSpace(queryFold(c.Request, "$filter"))
	from, to := time.Time{}, a.Clock.Now()
	want := map[string]string{}
	for _, clause := range eventAnd.Split(text, -1) {
		if text == "" {
			break
		}
		var bad error
		switch {
		case since.MatchString(clause):
			from, bad = eventTime(since.FindStringSubmatch(clause)[1])
		case until.MatchString(clause):
			to, bad = eventTime(until.FindStringSubmatch(clause)[1])
		case eventEq.MatchString(clause):
			m := eventEq.FindStringSubmatch(clause)
			want[strings.ToLower(m[1])] = m[2]
		default:
			return failf(http.StatusBadRequest, "BadRequest", "The $filter clause '%s' is not supported.", clause)
		}
		if bad != nil {
			return failf(http.StatusBadRequest, "BadRequest", "The $filter clause '%s' has no valid time.", clause)
		}
	}
	if from.IsZero() {
		return failf(http.StatusBadRequest, "BadRequest", "The $filter must give the beginning of the period: eventTimestamp ge '{time}'.")
	}
	a.mu.RLock()
	events := slices.Clone(a.state.Log)
	a.mu.RUnlock()
	list := []any{}
	for _, e := range slices.Backward(events) {
		if !e.At.Before(from) && !e.At.After(to) && e.fits(want) && strings.HasPrefix(strings.ToLower(e.Resource), "/subscriptions/"+strings.ToLower(c.sub.ID)) {
			list = append(list, e.body(a.Directory.TenantID()))
		}
	}
	writeJSON(c.w, http.StatusOK, value(list))
	return nil
}

func eventTime(s string) (time.Time, error) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.9999999", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(form, s); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.RFC3339, s)
}

// groupOf returns the name of the resource group of an ARM id, or "".
func groupOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) > 4 && strings.EqualFold(parts[3], "resourceGroups") {
		return parts[4]
	}
	return ""
}

// namespaceOf returns the provider of an ARM id.
func namespaceOf(id string) string {
	low := strings.ToLower(id)
	if i := strings.LastIndex(low, "/providers/"); i >= 0 {
		name, _, _ := strings.Cut(id[i+len("/providers/"):], "/")
		return name
	}
	return "Microsoft.Resources"
}

func (e Event) who() string {
	if e.Caller.UPN != "" {
		return e.Caller.UPN
	}
	return e.Caller.ObjectID
}

func (e Event) fits(want map[string]string) bool {
	for key, v := range want {
		ok := true
		switch key {
		case "resourcegroupname":
			ok = strings.EqualFold(groupOf(e.Resource), v)
		case "resourceuri", "resourceid":
			ok = strings.HasPrefix(strings.ToLower(e.Resource)+"/", strings.ToLower(v)+"/")
		case "resourceprovider":
			ok = strings.EqualFold(namespaceOf(e.Resource), v)
		case "correlationid":
			ok = strings.EqualFold(e.Correlation, v)
		case "caller":
			ok = strings.EqualFold(e.who(), v)
		case "status":
			ok = strings.EqualFold(e.Status, v)
		}
		if !ok {
			return false
		}
	}
	return true
}

// Claims' names in the activity log's form.
const (
	claimObject = "http://schemas.microsoft.com/identity/claims/objectidentifier"
	claimTenant = "http://schemas.microsoft.com/identity/claims/tenantid"
	claimUPN    = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
	claimName   = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name"
)

func (e Event) body(tenant string) *ojson.Object {
	claims := ojson.Obj("aud", e.Caller.Audience, "iss", e.Caller.Issuer, "appid", e.Caller.AppID, claimObject, e.Caller.ObjectID, claimTenant, tenant)
	if e.Caller.UPN != "" {
		claims.Set(claimUPN, e.Caller.UPN)
		claims.Set(claimName, e.Caller.UPN)
		claims.Set("name", e.Caller.Name)
	}
	named := func(s string) *ojson.Object { return ojson.Obj("value", s, "localizedValue", s) }
	name, level := "EndRequest", "Informational"
	if e.Status == "Started" {
		name = "BeginRequest"
	}
	properties := ojson.Obj("eventCategory", "Administrative", "entity", e.Resource, "message", e.Action, "hierarchy", strings.Split(e.Resource, "/")[2])
	if e.SubStatus != "" {
		properties.Set("statusCode", e.SubStatus)
	}
	if e.Status == "Failed" {
		level = "Error"
		text, err := ojson.Marshal(ojson.Obj("error", ojson.Obj("code", e.Code, "message", e.Message)))
		if err == nil {
			properties.Set("statusMessage", string(text))
		}
	}
	at := e.At.UTC().Format("2006-01-02T15:04:05.0000000Z")
	o := ojson.Obj("authorization", ojson.Obj("action", e.Action, "scope", e.Resource), "caller", e.who(), "channels", "Operation", "claims", claims, "correlationId", e.Correlation, "description", "",
		"eventDataId", eventID(e), "eventName", named(name), "category", named("Administrative"),
		"httpRequest", ojson.Obj("clientRequestId", e.ID, "clientIpAddress", e.Address, "method", e.Method))
	id := e.Resource + "/events/" + eventID(e) + "/ticks/" + strconv.FormatInt(ticks(e.At), 10)
	o.Set("id", id)
	o.Set("level", level)
	if g := groupOf(e.Resource); g != "" {
		o.Set("resourceGroupName", g)
	}
	o.Set("resourceProviderName", named(namespaceOf(e.Resource)))
	o.Set("resourceId", e.Resource)
	o.Set("resourceType", named(strings.Join(strings.Split(e.Action, "/")[:max(1, strings.Count(e.Action, "/"))], "/")))
	o.Set("operationId", e.Correlation)
	o.Set("operationName", named(e.Action))
	o.Set("properties", properties)
	o.Set("status", named(e.Status))
	o.Set("subStatus", ojson.Obj("value", subStatuses[e.SubStatus], "localizedValue", subStatuses[e.SubStatus]))
	o.Set("eventTimestamp", at)
	o.Set("submissionTimestamp", at)
	o.Set("subscriptionId", strings.Split(e.Resource, "/")[2])
	o.Set("tenantId", tenant)
	return o
}

// subStatuses are the words of status codes in the log.
var subStatuses = map[string]string{"200": "OK", "201": "Created", "202": "Accepted", "400": "BadRequest", "403": "Forbidden", "404": "NotFound", "409": "Conflict", "500": "InternalServerError"}

// eventID is made of the request's id, for a request has one event of a status.
func eventID(e Event) string {
	n := map[string]string{"Started": "1", "Accepted": "2", "Succeeded": "3", "Failed": "4"}[e.Status]
	if len(e.ID) < 36 {
		return e.ID
	}
	return e.ID[:35] + n
}

// ticks are 100 ns since the year 1, as .NET counts.
func ticks(t time.Time) int64 { return t.UnixNano()/100 + 621355968000000000 }
