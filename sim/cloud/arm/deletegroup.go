package arm

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"skylab/sim/ojson"
)

// groupDeletion is how long a resource group takes to go, and how often its
// clients ask (facts/azure-wire.md §4.5).
const (
	groupDeletion      = 45 * time.Second
	groupDeletionRetry = 15
)

// jobID names the deletion of a group as its Location does: what is no letter
// or digit is a colon and its code.
func jobID(g Group) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(g.Name) {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, ":%02X", r)
		}
	}
	return "RESOURCEGROUPDELETIONJOB-" + b.String() + "-" + strings.ToUpper(g.Location)
}

func (a *ARM) deleteGroup(c *call) error {
	g, err := a.group(c)
	if err != nil {
		return err
	}
	job := jobID(g)
	if op, ok := a.Operation(job); !ok || op.Done {
		a.mu.Lock()
		g.Deleting = true
		a.state.Groups[strings.ToLower(g.ID)] = g
		a.mu.Unlock()
		a.begin(c, Operation{ID: job, Target: g.ID, Retry: groupDeletionRetry, Then: Effect{Delete: true}}, groupDeletion)
	}
	token, err := ojson.Marshal(ojson.Obj("jobId", job, "jobLocation", g.Location))
	if err != nil {
		return fmt.Errorf("name the deletion of %s: %w", g.ID, err)
	}
	c.w.Header().Set("Location", "https://management.azure.com/subscriptions/"+c.sub.ID+"/operationresults/"+base64.RawURLEncoding.EncodeToString(token)+"?api-version="+c.version)
	c.w.Header().Set("Retry-After", strconv.Itoa(groupDeletionRetry))
	c.w.WriteHeader(http.StatusAccepted)
	return nil
}

// pollGroup answers the Location of a group's deletion.
func (a *ARM) pollGroup(c *call) error {
	o := &ojson.Object{}
	data, err := base64.RawURLEncoding.DecodeString(c.vars["operation"])
	if err == nil {
		err = o.UnmarshalJSON(data)
	}
	op, ok := a.Operation(o.Str("jobId"))
	if err != nil || !ok {
		return failf(http.StatusNotFound, "JobNotFound", "The job '%s' could not be found.", c.vars["operation"])
	}
	if !op.Done {
		c.w.Header().Set("Retry-After", strconv.Itoa(op.Retry))
	}
	return a.monitor(c, op, http.StatusOK)
}
