package imds

import (
	"io"
	"net/http"
	"slices"
	"strings"

	"skylab/sim/ojson"
)

// eventVersions are the api-versions of scheduled events, which are not quite
// those of the other categories.
var eventVersions = strings.Fields("2017-03-01 2017-08-01 2017-11-01 2019-01-01 2019-04-01 2019-08-01 2020-07-01")

// maxAcknowledgement is the most bytes of an acknowledgement that are read.
const maxAcknowledgement = 64 << 10

// scheduledEvents tells of maintenance to come, of which a lab has none, and
// takes acknowledgements of it.
func (s *IMDS) scheduledEvents(w http.ResponseWriter, r *http.Request, version string) {
	switch {
	case version == "":
		badVersion(w)
		return
	case !slices.Contains(eventVersions, version):
		plain(w, http.StatusNotFound, "Not found") // recorded with 2021-12-13
		return
	}
	if r.Method == http.MethodGet {
		answer(w, http.StatusOK, ojson.Obj("DocumentIncarnation", 1, "Events", []any{}))
		return
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAcknowledgement))
	body := &ojson.Object{}
	if err == nil {
		err = body.UnmarshalJSON(data)
	}
	starts, ok := body.At("StartRequests").([]any)
	if err != nil || !ok {
		plain(w, http.StatusBadRequest, "Bad request. The body must be an object with the array 'StartRequests'")
		return
	}
	for _, x := range starts {
		o, _ := x.(*ojson.Object)
		note(r, "imds.event", "No event is scheduled for this VM, so there is none to acknowledge.", map[string]any{"eventId": o.Str("EventId")})
		plain(w, http.StatusBadRequest, "Bad request. EventId '"+o.Str("EventId")+"' was not found")
		return
	}
	w.WriteHeader(http.StatusOK)
}
