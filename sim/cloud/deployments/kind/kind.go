// Package kind names the resource types of template deployments, without what
// serves them.
package kind

import (
	"strings"

	"skylab/sim/cloud/arm"
)

// FullType is the type of deployments.
const FullType = "Microsoft.Resources/deployments"

var versions = strings.Fields(`2025-04-01 2025-03-01 2024-11-01 2024-07-01 2024-03-01 2023-07-01 2022-12-01 2022-09-01 2022-06-01 2022-05-01 2022-01-01 2021-04-01 2021-01-01
	2020-10-01 2020-09-01 2020-08-01 2020-07-01 2020-06-01 2020-05-01 2020-01-01 2019-11-01 2019-10-01 2019-09-01 2019-08-01 2019-07-01 2019-06-01 2019-05-10
	2019-05-01 2019-03-01 2018-11-01 2018-09-01 2018-08-01 2018-07-01 2018-06-01 2018-05-01 2018-02-01 2018-01-01 2017-12-01 2017-08-01 2017-06-01 2017-05-10
	2017-05-01 2017-03-01 2016-09-01 2016-07-01 2016-06-01 2016-02-01 2015-11-01 2015-01-01`)

// Types returns the types, which nothing serves yet.
func Types() []*arm.Type {
	return []*arm.Type{
		{Namespace: "Microsoft.Resources", Name: "deployments", Versions: versions, Proxy: true},
		{Namespace: "Microsoft.Resources", Name: "calculateTemplateHash", Versions: versions, Extension: true},
	}
}
