package arm

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"skylab/sim/ojson"
)

// A resource type is a table and a few hooks. Here, Microsoft.Example has kettles,
// which take ten seconds to make and five to boil.
func ExampleType() {
	kettles := &Type{
		Namespace: "Microsoft.Example", Name: "kettles", Versions: []string{"2024-01-01"}, Locations: []string{"westus"},
		Async: &Async{Create: 10 * time.Second, Retry: 5},
		Put: func(_ *ARM, _ *Request, _, r *Resource) error {
			if r.Properties.Str("litres") == "" {
				return &Error{Status: http.StatusBadRequest, Code: "InvalidParameter", Message: "Required parameter 'litres' is missing (null).", Target: "litres"}
			}
			return nil
		},
		Actions: map[string]Action{"boil": {Name: "boil", Takes: 5 * time.Second, Do: func(_ *ARM, x *Request, _ *Resource) error {
			x.Then.Properties = ojson.Obj("hot", true) // once it has ended
			return nil
		}}},
	}
	w, err := makeWorld() // a Resource Manager with a resource group and its owner
	if err != nil {
		fmt.Println(err)
		return
	}
	w.arm.Register(kettles)
	send := func(method, action, body string, wait time.Duration) {
		path := "/subscriptions/" + w.sub + "/resourceGroups/myResourceGroup/providers/Microsoft.Example/kettles/k"
		q := Call{Method: method, Path: path + action, Version: "2024-01-01", As: Caller{ObjectID: "owner"}}
		if body != "" {
			q.Body = &ojson.Object{}
			if err := q.Body.UnmarshalJSON([]byte(body)); err != nil {
				fmt.Println(err)
			}
		}
		out := w.arm.Do(context.Background(), q)
		if out.Err != nil {
			fmt.Println(out.Status, out.Err)
		} else {
			fmt.Println(out.Status, out.Body.Str("properties", "provisioningState"), out.Body.At("properties", "hot"))
		}
		w.arm.Clock.Advance(wait)
	}
	send("PUT", "", `{"location":"westus"}`, 0)
	send("PUT", "", `{"location":"westus","properties":{"litres":"2"}}`, 10*time.Second)
	send("POST", "/boil", "", 5*time.Second)
	send("GET", "", "", 0)
	// Output:
	// 400 InvalidParameter: Required parameter 'litres' is missing (null).
	// 201 Creating <nil>
	// 202  <nil>
	// 200 Succeeded true
}
