// Package view is the one JSON view of a lab that lessons' conditions look at:
// what was sent and answered, what the cloud holds, what the machines hold, and
// which commands ran. It is data alone; sim fills it and tutorials/check
// evaluates jq expressions over it.
package view

import "skylab/sim/ojson"

// View is a lab at one moment.
type View struct {
	Now        int64                `json:"now"` // epoch seconds on the lab's clock
	Scenario   string               `json:"scenario"`
	Exchanges  []Exchange           `json:"exchanges"` // oldest first; those still in the ring
	Resources  map[string]any       `json:"resources"` // by lower-case ARM id: as GET answers them at the newest api-version; resource groups and subscriptions too
	Assigns    []Assignment         `json:"assignments"`
	Principals map[string]Principal `json:"principals"` // by object id
	Machines   map[string]Machine   `json:"machines"`
	Commands   []Command            `json:"commands"` // finished ones, oldest first
}

// Exchange is one exchange, decoded as far as it can be.
type Exchange struct {
	ID              int               `json:"id"`
	Parent          int               `json:"parent,omitempty"`
	At              int64             `json:"at"` // epoch seconds of its start
	Machine         string            `json:"machine"`
	Service         string            `json:"service"`
	Protocol        string            `json:"protocol"` // "http", "https", "ssh"
	Method          string            `json:"method"`
	URL             string            `json:"url"`
	Host            string            `json:"host"` // lower case, without port
	Path            string            `json:"path"`
	Query           map[string]string `json:"query"`    // decoded; the first value of a repeated name
	Headers         map[string]string `json:"headers"`  // by lower-case name; the first value
	Body            any               `json:"body"`     // decoded JSON, otherwise a string; null if empty
	Token           *Token            `json:"token"`    // of an Authorization: Bearer header, if readable
	Bearer          string            `json:"bearer"`   // the bearer token as sent
	Status          int               `json:"status"`   // 0 when nothing answered
	Failure         string            `json:"failure"`  // why nothing answered
	Response        any               `json:"response"` // decoded JSON, otherwise a string
	ResponseHeaders map[string]string `json:"responseHeaders"`
	Issued          *Token            `json:"issued"` // the access_token in the answer, decoded
	Notes           []Note            `json:"notes"`
}

// Token is a decoded JWT; its signature is not looked at.
type Token struct {
	Header *ojson.Object `json:"header"`
	Claims *ojson.Object `json:"claims"`
}

// Note is what a server said about its answer; see skylab/sim/exchange.Note.
type Note struct {
	Kind string         `json:"kind"`
	Text string         `json:"text"`
	Data map[string]any `json:"data,omitempty"`
}

// Assignment is a role assignment, its role's name looked up.
type Assignment struct {
	ID            string `json:"id"`
	Scope         string `json:"scope"` // lower case
	PrincipalID   string `json:"principalId"`
	PrincipalType string `json:"principalType"`
	RoleID        string `json:"roleId"` // the role definition's GUID
	Role          string `json:"role"`   // its name: "Reader"
}

// Principal is a principal of the directory.
type Principal struct {
	ID          string   `json:"id"`
	Kind        string   `json:"kind"` // "User", "Group", "ServicePrincipal"
	Type        string   `json:"type"` // "ManagedIdentity", "Application", …
	DisplayName string   `json:"displayName"`
	AppID       string   `json:"appId"`
	ResourceID  string   `json:"resourceId"` // lower case; of a managed identity
	Groups      []string `json:"groups"`     // object ids, nested ones included
}

// Machine is a machine of the lab.
type Machine struct {
	OS         string            `json:"os"`
	ResourceID string            `json:"resourceId"` // lower case; "" for laptop and cloudshell
	Power      string            `json:"power"`      // "running", "deallocated", …
	Files      map[string]string `json:"files"`      // text files of home directories, by path, up to 64 KiB each
	Consoles   []Console         `json:"consoles"`
}

// Console is a shell session, seen at the machine where it is now.
type Console struct {
	ID    string            `json:"id"`
	Home  string            `json:"home"` // the machine it was opened on: differs after ssh
	Shell string            `json:"shell"`
	User  string            `json:"user"`
	Dir   string            `json:"dir"`
	Vars  map[string]string `json:"vars"` // scalar shell variables, without those set at start
}

// Command is a command that ended.
type Command struct {
	Console string `json:"console"`
	Machine string `json:"machine"` // where it ran
	Text    string `json:"text"`
	Status  int    `json:"status"`
	Stdout  string `json:"stdout"` // the first 4 KiB
	Stderr  string `json:"stderr"` // the first 4 KiB
	First   int    `json:"first"`  // ids of the exchanges it made: First ≤ id ≤ Last;
	Last    int    `json:"last"`   // Last < First when it made none
}
