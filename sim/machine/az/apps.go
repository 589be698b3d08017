package az

import (
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"skylab/sim/machine/az/model"
	"skylab/sim/ojson"
)

var appCommands = map[string]func(*call) (any, error){
	"ad app list": cmdAppList, "ad app show": cmdAppShow, "ad app create": cmdAppCreate, "ad app update": cmdAppUpdate, "ad app delete": cmdAppDelete,
	"ad app credential list": credentialList(appKind), "ad app credential reset": credentialReset(appKind), "ad app credential delete": credentialDelete(appKind),
	"ad app federated-credential list": cmdFicList, "ad app federated-credential show": cmdFicShow, "ad app federated-credential create": cmdFicCreate, "ad app federated-credential update": cmdFicUpdate, "ad app federated-credential delete": cmdFicDelete,
	"ad sp list": cmdSPList, "ad sp show": cmdSPShow, "ad sp create": cmdSPCreate, "ad sp delete": cmdSPDelete, "ad sp update": cmdSPUpdate, "ad sp create-for-rbac": cmdRBAC,
	"ad sp credential list": credentialList(spKind), "ad sp credential reset": credentialReset(spKind), "ad sp credential delete": credentialDelete(spKind),
}

// kind is a kind of object that has credentials: how it is found and where it is.
type kind struct {
	path    string
	resolve func(c *call, identifier string) (string, error)
}

var (
	appKind = kind{"/applications/", (*call).appID}
	spKind  = kind{"/servicePrincipals/", (*call).spID}
)

// missing is an error for what does not exist, with the exit status of a 404.
func missing(format string, args ...any) error {
	return &fault{text: fmt.Sprintf(format, args...), exit: 3, status: http.StatusNotFound}
}

// appID is the object id of an application that is named by its application id,
// an address, or its object id.
func (c *call) appID(identifier string) (string, error) {
	filter := "identifierUris/any(s:s eq " + quoted(identifier) + ")"
	if isGUID(identifier) {
		filter = equals("appId", identifier)
	}
	list, err := c.graphList("/applications" + filterQuery(filter))
	switch {
	case err != nil:
		return "", err
	case len(list) > 0:
		return list[0].Str("id"), nil
	case isGUID(identifier):
		return identifier, nil
	}
	return "", missing("Application with identifier URI '%s' doesn't exist", identifier)
}

// spID is the object id of a service principal that is named by one of its names
// or its object id.
func (c *call) spID(identifier string) (string, error) {
	list, err := c.graphList("/servicePrincipals" + filterQuery("servicePrincipalNames/any(c:c eq "+quoted(identifier)+")"))
	switch {
	case err != nil:
		return "", err
	case len(list) > 0:
		return list[0].Str("id"), nil
	case isGUID(identifier):
		return identifier, nil
	}
	return "", missing("Service principal '%s' doesn't exist", identifier)
}

// firstHundred is a list that is not filtered as az shows it.
func (c *call) firstHundred(list []*ojson.Object, filter string) any {
	if filter == "" && !c.flag("include_all") && len(list) > 100 {
		c.warn("The result is not complete. You can still use '--all' to get all of them with long latency expected, or provide a filter through command arguments")
		list = list[:100]
	}
	return anys(list)
}

// owned are the objects of a type that the signed-in user owns.
func (c *call) owned(odata string) (any, error) {
	list, err := c.graphList("/me/ownedObjects")
	list = slices.DeleteFunc(list, func(o *ojson.Object) bool { return o.Str("@odata.type") != odata })
	return anys(list), err
}

func cmdAppList(c *call) (any, error) {
	if c.flag("show_mine") {
		return c.owned("#microsoft.graph.application")
	}
	uri := ""
	if u := c.str("identifier_uri"); u != "" {
		uri = "identifierUris/any(s:s eq " + quoted(u) + ")"
	}
	filter := filters(c.str("query_filter"), equals("appId", c.str("app_id")), beginning("displayName", c.str("display_name")), uri)
	list, err := c.graphList("/applications" + filterQuery(filter))
	return c.firstHundred(list, filter), err
}

func (c *call) appPath() (string, error) {
	id, err := c.appID(or(c.str("identifier"), c.str("app_identifier")))
	return "/applications/" + id, err
}

func cmdAppShow(c *call) (any, error) {
	path, err := c.appPath()
	if err != nil {
		return nil, err
	}
	return c.graphGet(path)
}

func cmdAppDelete(c *call) (any, error) {
	path, err := c.appPath()
	if err == nil {
		_, err = c.graph(http.MethodDelete, path, nil)
	}
	return nil, err
}

// appBody is an application as the arguments describe it.
func (c *call) appBody() (*ojson.Object, error) {
	o := ojson.New()
	set := func(dest, property string) {
		if v := c.str(dest); v != "" {
			o.Set(property, v)
		}
	}
	set("display_name", "displayName")
	if c.line.Has("identifier_uris") {
		o.Set("identifierUris", texts(c.list("identifier_uris")))
	}
	if c.line.Has("is_fallback_public_client") {
		o.Set("isFallbackPublicClient", c.flag("is_fallback_public_client"))
	}
	set("sign_in_audience", "signInAudience")
	web := ojson.New()
	if v := c.str("web_home_page_url"); v != "" {
		web.Set("homePageUrl", v)
	}
	if c.line.Has("web_redirect_uris") {
		web.Set("redirectUris", texts(c.list("web_redirect_uris")))
	}
	grants := ojson.New()
	for _, g := range [][2]string{{"enable_id_token_issuance", "enableIdTokenIssuance"}, {"enable_access_token_issuance", "enableAccessTokenIssuance"}} {
		if c.line.Has(g[0]) {
			grants.Set(g[1], c.flag(g[0]))
		}
	}
	if grants.Len() > 0 {
		web.Set("implicitGrantSettings", grants)
	}
	if web.Len() > 0 {
		o.Set("web", web)
	}
	if c.line.Has("public_client_redirect_uris") {
		o.Set("publicClient", ojson.Obj("redirectUris", texts(c.list("public_client_redirect_uris"))))
	}
	for _, j := range [][2]string{{"app_roles", "appRoles"}, {"optional_claims", "optionalClaims"}, {"required_resource_accesses", "requiredResourceAccess"}} {
		text := c.str(j[0])
		if text == "" {
			continue
		}
		if data, err := c.readText(text); err == nil {
			text = data
		}
		v := model.Literal(text)
		if _, plain := v.(string); plain {
			return nil, failf("Failed to parse string as JSON:\n%s", text)
		}
		o.Set(j[1], v)
	}
	return o, nil
}

// createApp registers an application, or changes the one of the same name.
func (c *call) createApp(body *ojson.Object) (*ojson.Object, error) {
	list, err := c.graphList("/applications" + filterQuery(equals("displayName", body.Str("displayName"))))
	if err != nil {
		return nil, err
	}
	switch len(list) {
	case 0:
		return c.graphPost("/applications", body)
	case 1:
		id := list[0].Str("id")
		c.warn("Found an existing application instance: (id) %s. We will patch it.", id)
		if _, err := c.graph(http.MethodPatch, "/applications/"+id, body); err != nil {
			return nil, err
		}
		v, err := c.graphGet("/applications/" + id)
		o, _ := v.(*ojson.Object)
		return o, err
	}
	return nil, failf("More than one application have the same display name '%s', please remove them first.", body.Str("displayName"))
}

func cmdAppCreate(c *call) (any, error) {
	body, err := c.appBody()
	if err != nil {
		return nil, err
	}
	o, err := c.createApp(body)
	return object(o), err
}

// patched sends what the arguments and --set change of an object of Graph.
func (c *call) patched(path string, body *ojson.Object) (any, error) {
	v, err := c.graphGet(path)
	if err != nil {
		return nil, err
	}
	x := &model.Instance{Value: v, Warn: func(t string) { c.warn("%s", t) }}
	before := ojson.Clone(v).(*ojson.Object)
	if err := c.apply(x); err != nil {
		return nil, err
	}
	for _, m := range x.Value.(*ojson.Object).Members() {
		old, had := before.Get(m.Key)
		a, _ := ojson.Marshal(old)
		b, _ := ojson.Marshal(m.Value)
		if !had || string(a) != string(b) {
			body.Set(m.Key, m.Value)
		}
	}
	for _, m := range before.Members() {
		if _, there := x.Value.(*ojson.Object).Get(m.Key); !there {
			body.Set(m.Key, nil)
		}
	}
	_, err = c.graph(http.MethodPatch, path, body)
	return nil, err
}

func cmdAppUpdate(c *call) (any, error) {
	path, err := c.appPath()
	if err != nil {
		return nil, err
	}
	body, err := c.appBody()
	if err != nil {
		return nil, err
	}
	return c.patched(path, body)
}

func cmdSPList(c *call) (any, error) {
	if c.flag("show_mine") {
		return c.owned("#microsoft.graph.servicePrincipal")
	}
	spn := ""
	if s := c.str("spn"); s != "" {
		spn = "servicePrincipalNames/any(c:c eq " + quoted(s) + ")"
	}
	filter := filters(c.str("query_filter"), spn, beginning("displayName", c.str("display_name")))
	list, err := c.graphList("/servicePrincipals" + filterQuery(filter))
	return c.firstHundred(list, filter), err
}

func (c *call) spPath() (string, error) {
	id, err := c.spID(c.str("identifier"))
	return "/servicePrincipals/" + id, err
}

func cmdSPShow(c *call) (any, error) {
	path, err := c.spPath()
	if err != nil {
		return nil, err
	}
	return c.graphGet(path)
}

func cmdSPUpdate(c *call) (any, error) {
	path, err := c.spPath()
	if err != nil {
		return nil, err
	}
	return c.patched(path, ojson.New())
}

func cmdSPDelete(c *call) (any, error) {
	path, err := c.spPath()
	if err == nil {
		_, err = c.graph(http.MethodDelete, path, nil)
	}
	return nil, err
}

func cmdSPCreate(c *call) (any, error) {
	identifier := c.str("identifier")
	app := identifier
	filter := "identifierUris/any(s:s eq " + quoted(identifier) + ")"
	if isGUID(identifier) {
		filter = equals("appId", identifier)
	}
	list, err := c.graphList("/applications" + filterQuery(filter))
	if err != nil {
		return nil, err
	}
	if len(list) > 0 {
		app = list[0].Str("appId")
	} else if !isGUID(identifier) {
		return nil, missing("Can't find associated application id from '%s'", identifier)
	}
	o, err := c.graphPost("/servicePrincipals", ojson.Obj("appId", app, "accountEnabled", true))
	return object(o), err
}

// period is how long a new credential is valid.
func (c *call) period() (start, end time.Time, err error) {
	start = c.p.Clock.Now()
	years, date := c.number("years", 0), c.str("end_date")
	if years != 0 && date != "" {
		return start, end, usage("usage error: --years | --end-date")
	}
	if date == "" {
		return start, start.AddDate(max(years, 1), 0, 0), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if end, err = time.Parse(layout, date); err == nil {
			return start, end, nil
		}
	}
	return start, end, unexpected("dateutil.parser._parser.ParserError: Unknown string format: " + date)
}

const secretWarning = "The output includes credentials that you must protect. Be sure that you do not include these credentials in your code or check the credentials into your source control. For more information, see https://aka.ms/azadsp-cli"

func instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// addPassword adds a secret to an object and returns it.
func (c *call) addPassword(path, name string, start, end time.Time) (string, error) {
	o, err := c.graphPost(path+"/addPassword", ojson.Obj("passwordCredential", ojson.Obj("displayName", none(name), "startDateTime", instant(start), "endDateTime", instant(end))))
	return o.Str("secretText"), err
}

// certificate is the certificate of the command as Graph takes it; file is where
// one that was made lies.
func (c *call) certificate(name string, start, end time.Time) (key *ojson.Object, file string, err error) {
	var der []byte
	if c.line.Has("create_cert") {
		if der, file, err = c.makeCertificate(start, end); err != nil {
			return nil, "", failf("%s", err)
		}
	} else {
		text := c.str("cert")
		if block, _ := pem.Decode([]byte(text)); block != nil {
			der = block.Bytes
		} else if der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err != nil {
			return nil, "", failf("Invalid certificate, please use a valid PEM file.")
		}
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, "", failf("Invalid certificate, please use a valid PEM file.")
		}
		start, end = parsed.NotBefore, parsed.NotAfter
	}
	return ojson.Obj("startDateTime", instant(start), "endDateTime", instant(end), "key", base64.StdEncoding.EncodeToString(der), "keyId", c.p.IDs.GUID("az.key"),
		"usage", "Verify", "type", "AsymmetricX509Cert", "displayName", none(name)), file, nil
}

// makeCertificate makes a certificate that signs itself and keeps it with its key
// in a file of the home directory.
func (c *call) makeCertificate(start, end time.Time) (der []byte, file string, err error) {
	key, err := rsaKey(c.p.IDs.Bytes)
	if err != nil {
		return nil, "", err
	}
	t := &x509.Certificate{SerialNumber: new(big.Int).SetBytes(c.p.IDs.Bytes("az.serial", 16)), Subject: pkix.Name{CommonName: "CLI-Login"}, NotBefore: start.UTC().Truncate(time.Second), NotAfter: end.UTC().Truncate(time.Second)}
	if der, err = x509.CreateCertificate(nil, t, t, key.Public(), key); err != nil {
		return nil, "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, "", err
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})) + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	sum := sha1.Sum(der)
	file = path.Join(c.p.Host.User.Home, "tmp"+hex.EncodeToString(sum[:4])+".pem")
	return der, file, c.p.FS.WriteFile(file, []byte(text), 0o600)
}

// tenant is the tenant of the current account.
func (c *call) tenant() string {
	a, err := c.account("")
	if err != nil {
		return ""
	}
	return a.Str("tenantId")
}

func cmdRBAC(c *call) (any, error) {
	role, scopes := c.str("role"), c.list("scopes")
	if (role != "") != (len(scopes) > 0) {
		return nil, &fault{text: "Usage error: To create role assignments, specify both --role and --scopes.", exit: 2}
	}
	name := c.str("display_name")
	var principal *ojson.Object
	if name == "" {
		name = "azure-cli-" + c.p.Clock.Now().UTC().Format("2006-01-02-15-04-05")
	} else {
		list, err := c.graphList("/servicePrincipals" + filterQuery(equals("displayName", name)))
		if err != nil {
			return nil, err
		}
		if len(list) > 0 {
			principal = list[0]
		}
	}
	start, end, err := c.period()
	if err != nil {
		return nil, err
	}
	body, file := ojson.Obj("displayName", name), ""
	cert := c.line.Has("create_cert") || c.line.Has("cert")
	if cert {
		var key *ojson.Object
		if key, file, err = c.certificate("", start, end); err != nil {
			return nil, err
		}
		body.Set("keyCredentials", []any{key})
	}
	app, err := c.createApp(body)
	if err != nil {
		return nil, err
	}
	at := "/applications/" + app.Str("id")
	for _, cred := range objectsAt(app, "passwordCredentials") {
		if _, err := c.graph(http.MethodPost, at+"/removePassword", ojson.Obj("keyId", cred.Str("keyId"))); err != nil {
			return nil, err
		}
	}
	password := ""
	if !cert {
		if password, err = c.addPassword(at, "rbac", start, end); err != nil {
			return nil, err
		}
	}
	if principal == nil {
		if principal, err = c.graphPost("/servicePrincipals", ojson.Obj("appId", app.Str("appId"), "accountEnabled", true)); err != nil {
			return nil, err
		}
	}
	for _, scope := range scopes {
		c.warn("Creating '%s' role assignment under scope '%s'", role, scope)
		if err := c.assignNew(role, principal.Str("id"), scope); err != nil {
			return nil, err
		}
	}
	c.warn(secretWarning)
	if c.flag("show_auth_for_sdk") {
		return nil, c.sdkAuth(app.Str("appId"), password, file, scopes)
	}
	out := ojson.Obj("appId", app.Str("appId"), "password", none(password), "displayName", name, "tenant", c.tenant())
	if file != "" {
		c.warn("Please copy %s to a safe place. When you run 'az login', provide the file path in the --password argument", file)
		out.Set("fileWithCertAndPrivateKey", file)
	}
	c.info("To log in with this service principal, run:\naz login --service-principal --username %s --password %s --tenant %s", app.Str("appId"), or(password, file), c.tenant())
	return out, nil
}

// assignNew gives a role to a principal that was just made.
func (c *call) assignNew(role, principal, scope string) error {
	const times = 36
	for n := 1; ; n++ {
		_, err := c.assign(role, principal, "ServicePrincipal", scope, "", nil)
		f, _ := err.(*fault)
		switch {
		case err == nil:
			return nil
		case f != nil && f.code == "RoleAssignmentExists":
			c.warn("  Role assignment already exists.\n")
			return nil
		case f != nil && n < times && strings.Contains(f.text, " does not exist in the directory "):
			if err := c.p.Clock.Sleep(c.ctx, 5*time.Second); err != nil {
				return err
			}
			c.warn("  Retrying role assignment creation: %d/%d", n, times)
		default:
			c.warn("  Role assignment creation failed.\n")
			return err
		}
	}
}

// sdkAuth prints what older SDKs read from a file, always as JSON.
func (c *call) sdkAuth(app, password, file string, scopes []string) error {
	sub := ""
	if len(scopes) > 0 {
		r, _ := parseID(scopes[0])
		sub = r.sub
	}
	a, err := c.account(sub)
	if err != nil {
		return err
	}
	o := ojson.Obj("clientId", app)
	if file != "" {
		o.Set("clientCertificate", file)
	} else {
		o.Set("clientSecret", password)
	}
	for _, m := range [][2]string{{"subscriptionId", a.Str("id")}, {"tenantId", a.Str("tenantId")}, {"activeDirectoryEndpointUrl", loginHost}, {"resourceManagerEndpointUrl", armHost + "/"},
		{"activeDirectoryGraphResourceId", "https://graph.windows.net/"}, {"sqlManagementEndpointUrl", "https://management.core.windows.net:8443/"}, {"galleryEndpointUrl", "https://gallery.azure.com/"}, {"managementEndpointUrl", armResource}} {
		o.Set(m[0], m[1])
	}
	data, err := ojson.Indent(o, "  ", "\n")
	fmt.Fprintf(c.p.Stdout, "%s\n", data)
	return err
}

// credentialed is the object that a credential command is about, and its path.
func (c *call) credentialed(k kind) (*ojson.Object, string, error) {
	id, err := k.resolve(c, c.str("identifier"))
	if err != nil {
		return nil, "", err
	}
	v, err := c.graphGet(k.path + id)
	o, _ := v.(*ojson.Object)
	return o, k.path + id, err
}

func credentialList(k kind) func(*call) (any, error) {
	return func(c *call) (any, error) {
		o, _, err := c.credentialed(k)
		if err != nil {
			return nil, err
		}
		what := "passwordCredentials"
		if c.flag("cert") {
			what = "keyCredentials"
		}
		list, _ := o.At(what).([]any)
		if list == nil {
			list = []any{}
		}
		return list, nil
	}
}

func credentialReset(k kind) func(*call) (any, error) {
	return func(c *call) (any, error) {
		o, path, err := c.credentialed(k)
		if err != nil {
			return nil, err
		}
		start, end, err := c.period()
		if err != nil {
			return nil, err
		}
		name := c.str("display_name")
		if !c.flag("append") {
			for _, cred := range objectsAt(o, "passwordCredentials") {
				if _, err := c.graph(http.MethodPost, path+"/removePassword", ojson.Obj("keyId", cred.Str("keyId"))); err != nil {
					return nil, err
				}
			}
		}
		password, file := "", ""
		if c.line.Has("cert") || c.line.Has("create_cert") {
			var key *ojson.Object
			if key, file, err = c.certificate(name, start, end); err != nil {
				return nil, err
			}
			keys := []any{}
			if c.flag("append") {
				keys, _ = o.At("keyCredentials").([]any)
			}
			_, err = c.graph(http.MethodPatch, path, ojson.Obj("keyCredentials", append(slices.Clone(keys), key)))
		} else {
			password, err = c.addPassword(path, name, start, end)
		}
		if err != nil {
			return nil, err
		}
		c.warn(secretWarning)
		out := ojson.Obj("appId", o.Str("appId"), "password", none(password))
		if file != "" {
			out.Set("fileWithCertAndPrivateKey", file)
		}
		out.Set("tenant", c.tenant())
		return out, nil
	}
}

func credentialDelete(k kind) func(*call) (any, error) {
	return func(c *call) (any, error) {
		o, path, err := c.credentialed(k)
		if err != nil {
			return nil, err
		}
		id := c.str("key_id")
		what := "passwordCredentials"
		if c.flag("cert") {
			what = "keyCredentials"
		}
		list := objectsAt(o, what)
		left := slices.DeleteFunc(slices.Clone(list), func(x *ojson.Object) bool { return x.Str("keyId") == id })
		if len(left) == len(list) {
			return nil, failf("'%s' doesn't exist in '%s'", id, o.Str("id"))
		}
		if c.flag("cert") {
			_, err = c.graph(http.MethodPatch, path, ojson.Obj("keyCredentials", anys(left)))
		} else {
			_, err = c.graph(http.MethodPost, path+"/removePassword", ojson.Obj("keyId", id))
		}
		return nil, err
	}
}

// ficPath is the path of an application's federated credentials, or of one.
func (c *call) ficPath() (string, error) {
	path, err := c.appPath()
	path += "/federatedIdentityCredentials"
	if id := c.str("federated_identity_credential_id_or_name"); id != "" {
		path += "/" + pathSegment(id)
	}
	return path, err
}

func cmdFicList(c *call) (any, error) {
	path, err := c.ficPath()
	if err != nil {
		return nil, err
	}
	list, err := c.graphList(path)
	return anys(list), err
}

func cmdFicShow(c *call) (any, error) {
	path, err := c.ficPath()
	if err != nil {
		return nil, err
	}
	return c.graphGet(path)
}

func cmdFicDelete(c *call) (any, error) {
	path, err := c.ficPath()
	if err == nil {
		_, err = c.graph(http.MethodDelete, path, nil)
	}
	return nil, err
}

func cmdFicCreate(c *call) (any, error) {
	body, err := c.json(c.str("parameters"))
	if err != nil {
		return nil, err
	}
	path, err := c.ficPath()
	if err != nil {
		return nil, err
	}
	o, err := c.graphPost(path, body)
	return object(o), err
}

func cmdFicUpdate(c *call) (any, error) {
	body, err := c.json(c.str("parameters"))
	if err != nil {
		return nil, err
	}
	path, err := c.ficPath()
	if err == nil {
		_, err = c.graph(http.MethodPatch, path, body)
	}
	return nil, err
}
