package az

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"skylab/sim/ojson"
)

// subscriptionsVersion is the API version with which az lists subscriptions.
const subscriptionsVersion = "2019-11-01"

func (c *call) inCloudShell() bool { return c.p.Getenv("ACC_CLOUD") != "" }

func cmdLogin(c *call) (any, error) {
	identity, principal, device := c.flag("identity"), c.flag("service_principal"), c.flag("use_device_code")
	user, password := c.str("username"), c.str("password")
	switch {
	case identity && (password != "" || principal || c.str("tenant") != ""):
		return nil, usage("usage error: '--identity' is not applicable with other arguments")
	case device && (password != "" || principal || user != "" || identity):
		return nil, usage("usage error: '--use-device-code' is not applicable with other arguments")
	case principal && user == "":
		return nil, usage("usage error: --service-principal --username NAME --password SECRET --tenant TENANT")
	}
	var err error
	var fresh []*ojson.Object
	switch {
	case identity && c.inCloudShell():
		fresh, err = c.loginCloudShell()
	case identity:
		fresh, err = c.loginIdentity(user)
	default:
		if c.inCloudShell() {
			c.warn("Cloud Shell is automatically authenticated under the initial account signed-in with. Run 'az login' only if you need to use a different account")
		}
		assertion := c.str("client_assertion")
		if user != "" && password == "" && assertion == "" {
			if password, err = c.secret("Password: "); err != nil {
				return nil, failf("Please specify both username and password in non-interactive mode.")
			}
		}
		switch {
		case principal:
			fresh, err = c.loginPrincipal(user, password, assertion)
		case user != "":
			return nil, notSimulated("az login --username NAME --password PASSWORD")
		default:
			fresh, err = c.loginDevice()
		}
	}
	if err != nil {
		return nil, err
	}
	c.accounts().merge(fresh)
	if err := c.saveAccounts(); err != nil {
		return nil, failf("%s", err)
	}
	out := []any{}
	for _, s := range fresh {
		out = append(out, cloudNamed(s))
	}
	return out, nil
}

// cloudNamed is an account as lists show it.
func cloudNamed(s *ojson.Object) *ojson.Object {
	o := s.Clone()
	name, _ := o.Get("environmentName")
	o.Delete("environmentName")
	o.Set("cloudName", name)
	return o
}

// loginIdentity signs in with an identity of the machine, named by its client id,
// object id or resource id.
func (c *call) loginIdentity(id string) ([]*ojson.Object, error) {
	kinds := []string{"MSI"}
	if r, ok := parseID(id); ok && r.name != "" {
		kinds = []string{"MSIResource-" + id}
	} else if id != "" {
		kinds = []string{"MSIClient-" + id, "MSIObject-" + id}
	}
	var t token
	info := ""
	for _, kind := range kinds {
		got, err := c.identityToken(kind, armResource)
		if err == nil {
			t, info = got, kind
			break
		}
		if statusOf(err) != http.StatusBadRequest || len(kinds) == 1 {
			return nil, err
		}
	}
	if info == "" {
		return nil, failf("Failed to connect to MSI, check your managed service identity id.")
	}
	tenant := claims(t.access).Str("tid")
	list, err := c.subscriptionsOf(t, tenant)
	if err != nil {
		return nil, err
	}
	name := "systemAssignedIdentity"
	if id != "" {
		name = "userAssignedIdentity"
	}
	if len(list) == 0 {
		if !c.flag("allow_no_subscriptions") {
			return nil, failf("No access was configured for the VM, hence no subscriptions were found. If this is expected, use '--allow-no-subscriptions' to have tenant level access.")
		}
		list = []*ojson.Object{tenantAccount(tenant)}
	}
	return signedIn(list, ojson.Obj("name", name, "type", "servicePrincipal", "assignedIdentityInfo", info)), nil
}

// loginCloudShell signs in with the token of who opened Cloud Shell.
func (c *call) loginCloudShell() ([]*ojson.Object, error) {
	t, err := c.identityToken("MSI", armResource)
	if err != nil {
		return nil, err
	}
	about := claims(t.access)
	list, err := c.subscriptionsOf(t, about.Str("tid"))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, failf("No subscriptions were found in the cloud shell")
	}
	return signedIn(list, ojson.Obj("name", or(about.Str("unique_name"), "N/A"), "type", "user", "cloudShellID", true)), nil
}

// subscriptionsOf lists what a token's bearer sees, as accounts without a user.
func (c *call) subscriptionsOf(t token, tenant string) ([]*ojson.Object, error) {
	var out []*ojson.Object
	for next := armHost + "/subscriptions?api-version=" + subscriptionsVersion; next != ""; {
		res, err := c.bearer(t, next)
		if err != nil {
			return nil, err
		}
		o := res.object()
		list, _ := o.At("value").([]any)
		for _, e := range list {
			s, ok := e.(*ojson.Object)
			if !ok {
				continue
			}
			managed := []any{}
			by, _ := s.At("managedByTenants").([]any)
			for _, m := range by {
				if m, ok := m.(*ojson.Object); ok {
					managed = append(managed, ojson.Obj("tenantId", m.Str("tenantId")))
				}
			}
			out = append(out, ojson.Obj("id", s.Str("subscriptionId"), "name", s.Str("displayName"), "state", s.Str("state"), "user", nil, "isDefault", false,
				"tenantId", tenant, "environmentName", "AzureCloud", "homeTenantId", or(s.Str("tenantId"), tenant), "managedByTenants", managed))
		}
		next = o.Str("nextLink")
	}
	return out, nil
}

// bearer gets an address of Resource Manager with a token.
func (c *call) bearer(t token, u string) (*response, error) {
	r := request{method: http.MethodGet, url: u, header: http.Header{"Authorization": {"Bearer " + t.access}, "Accept": {"application/json"},
		"X-Ms-Client-Request-Id": {c.p.IDs.GUID("az.request")}, "Commandname": {c.cmd.Path}, "Parametersetname": {strings.Join(parameterNames(c.words), " ")}}}
	res, err := c.send(r)
	if err != nil {
		return nil, connection(err, u)
	}
	if !res.ok() {
		return nil, serviceError(res)
	}
	return res, nil
}

// tenantAccount stands for a tenant without subscriptions.
func tenantAccount(tenant string) *ojson.Object {
	return ojson.Obj("id", tenant, "name", "N/A(tenant level account)", "state", "Enabled", "user", nil, "isDefault", false, "tenantId", tenant, "environmentName", "AzureCloud")
}

func signedIn(list []*ojson.Object, user *ojson.Object) []*ojson.Object {
	for _, s := range list {
		s.Set("user", user.Clone())
	}
	return list
}

// loginDevice shows a code and waits until a person has entered it elsewhere.
func (c *call) loginDevice() ([]*ojson.Object, error) {
	asked := or(c.str("tenant"), "organizations")
	scopes := c.list("scopes")
	if len(scopes) == 0 {
		scopes = []string{armResource + "/.default"}
	}
	if err := c.discover(asked); err != nil {
		return nil, err
	}
	res, err := c.login(asked, "/oauth2/v2.0/devicecode", url.Values{"client_id": {cliApp}, "scope": {strings.Join(append(slices.Clone(scopes), "offline_access", "openid", "profile"), " ")}})
	if err != nil {
		return nil, err
	}
	flow := res.object()
	if !res.ok() || flow.Str("user_code") == "" {
		return nil, tokenError(flow, res, signInAgain)
	}
	if c.p.TTY.Err {
		fmt.Fprintf(c.p.Stderr, "%s%s%s\n", yellow, flow.Str("message"), reset)
	} else {
		fmt.Fprintln(c.p.Stderr, flow.Str("message"))
	}
	interval, _ := strconv.Atoi(text(flow.At("interval")))
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {flow.Str("device_code")}, "code": {flow.Str("device_code")}, "client_id": {cliApp}}
	var o *ojson.Object
	for {
		o, err = c.redeem(asked, form, scopes)
		if err == nil {
			break
		}
		f, ok := err.(*fault)
		if !ok || f.code != "authorization_pending" && f.code != "slow_down" {
			return nil, err
		}
		if err := c.elsewhere(); err != nil {
			return nil, err
		}
		if err := c.p.Clock.Sleep(c.ctx, time.Duration(max(interval, 1))*time.Second); err != nil {
			return nil, err
		}
	}
	return c.userAccounts(asked, scopes, o)
}

// elsewhere waits until somebody did something elsewhere in the lab.
func (c *call) elsewhere() error {
	if c.p.Elsewhere == nil {
		return &fault{text: "skylab: nobody can enter the code while this command runs, for no portal is open here", exit: 1, plain: true}
	}
	return c.p.Elsewhere(c.ctx)
}

// discover reads the tenant's configuration, as MSAL does first.
func (c *call) discover(tenant string) error {
	u := loginHost + "/" + tenant + "/v2.0/.well-known/openid-configuration"
	res, err := c.send(request{method: http.MethodGet, url: u, header: http.Header{"User-Agent": {"python-requests/2.28.1"}}})
	if err != nil {
		return connection(err, u)
	}
	if !res.ok() {
		return failf("Unable to get authority configuration for %s/%s. Authority would typically be in a format of https://login.microsoftonline.com/your_tenant Also please double check your tenant name or GUID is correct.", loginHost, tenant)
	}
	return nil
}

// userAccounts keeps the tokens of a person and finds the subscriptions.
func (c *call) userAccounts(asked string, scopes []string, o *ojson.Object) ([]*ojson.Object, error) {
	id := claims(o.Str("id_token"))
	username, tenant := id.Str("preferred_username"), id.Str("tid")
	home := id.Str("oid") + "." + tenant
	k := c.cache()
	k.kind("Account").Set(strings.ToLower(home+"-"+loginEnvironment+"-"+tenant), ojson.Obj("home_account_id", home, "environment", loginEnvironment, "realm", tenant,
		"local_account_id", id.Str("oid"), "username", username, "authority_type", "MSSTS"))
	k.kind("IdToken").Set(strings.ToLower(home+"-"+loginEnvironment+"-idtoken-"+cliApp+"-"+tenant+"-"), ojson.Obj("credential_type", "IdToken", "secret", o.Str("id_token"),
		"home_account_id", home, "environment", loginEnvironment, "realm", tenant, "client_id", cliApp))
	t := k.keep(home, cliApp, tenant, scopes, o)
	k.kind("AppMetadata").Set("appmetadata-"+loginEnvironment+"-"+cliApp, ojson.Obj("client_id", cliApp, "environment", loginEnvironment, "family_id", none(o.Str("foci"))))
	if err := k.save(); err != nil {
		return nil, failf("%s", err)
	}
	tenants := []string{tenant}
	if asked == "organizations" {
		res, err := c.bearer(t, armHost+"/tenants?api-version="+subscriptionsVersion)
		if err != nil {
			return nil, err
		}
		tenants = nil
		list, _ := res.object().At("value").([]any)
		for _, e := range list {
			if e, ok := e.(*ojson.Object); ok {
				tenants = append(tenants, e.Str("tenantId"))
			}
		}
	}
	var out []*ojson.Object
	var empty []string
	for _, tenant := range tenants {
		tok, err := c.userToken(username, tenant, []string{armResource + "/.default"})
		if err != nil {
			return nil, err
		}
		list, err := c.subscriptionsOf(tok, tenant)
		if err != nil {
			return nil, err
		}
		if len(list) == 0 {
			empty = append(empty, tenant)
		}
		out = append(out, list...)
	}
	if len(empty) > 0 && !c.flag("allow_no_subscriptions") && asked == "organizations" {
		c.warn("The following tenants don't contain accessible subscriptions. Use 'az login --allow-no-subscriptions' to have tenant level access.")
		for _, t := range empty {
			c.warn("%s", t)
		}
	}
	return c.orTenants(username, out, empty, ojson.Obj("name", username, "type", "user"))
}

// orTenants adds accounts for tenants without subscriptions where that is asked
// for; without any subscription the sign-in fails otherwise.
func (c *call) orTenants(username string, list []*ojson.Object, empty []string, user *ojson.Object) ([]*ojson.Object, error) {
	if len(list) == 0 && !c.flag("allow_no_subscriptions") {
		return nil, failf("No subscriptions found for %s.", username)
	}
	if c.flag("allow_no_subscriptions") {
		for _, t := range empty {
			list = append(list, tenantAccount(t))
		}
	}
	return signedIn(list, user), nil
}

// principalsFile is where az keeps the credentials of applications.
const principalsFile = "service_principal_entries.json"

func (c *call) principals() []*ojson.Object {
	data, err := c.p.FS.ReadFile(path.Join(c.configDir(), principalsFile))
	if err != nil {
		return nil
	}
	v, err := ojson.Decode(data)
	if err != nil {
		return nil
	}
	var out []*ojson.Object
	list, _ := v.([]any)
	for _, e := range list {
		if o, ok := e.(*ojson.Object); ok {
			out = append(out, o)
		}
	}
	return out
}

func (c *call) savePrincipals(entries []*ojson.Object) error {
	list := make([]any, len(entries))
	for i, e := range entries {
		list[i] = e
	}
	data, err := ojson.Indent(list, "    ", "\n")
	if err != nil {
		return err
	}
	return c.writeFile(path.Join(c.configDir(), principalsFile), data)
}

// loginPrincipal signs an application in with a secret, a certificate in a file,
// or another issuer's token.
func (c *call) loginPrincipal(user, password, assertion string) ([]*ojson.Object, error) {
	tenant := c.str("tenant")
	entry := ojson.Obj("client_id", user, "tenant", none(tenant))
	switch {
	case password != "":
		if _, err := c.p.FS.ReadFile(c.path(password)); err == nil {
			entry.Set("certificate", c.path(password))
		} else {
			entry.Set("client_secret", password)
		}
	case assertion != "":
		entry.Set("client_assertion", assertion)
	}
	if err := c.discover(or(tenant, "organizations")); err != nil {
		return nil, err
	}
	t, err := c.redeemPrincipal(entry, or(tenant, "organizations"), []string{armResource + "/.default"})
	if err != nil {
		return nil, err
	}
	kept := slices.DeleteFunc(c.principals(), func(e *ojson.Object) bool {
		return e.Str("client_id") == user && e.Str("tenant") == tenant
	})
	if err := c.savePrincipals(append(kept, entry)); err != nil {
		return nil, failf("%s", err)
	}
	if tenant == "" {
		tenant = claims(t.access).Str("tid")
	}
	list, err := c.subscriptionsOf(t, tenant)
	if err != nil {
		return nil, err
	}
	var empty []string
	if len(list) == 0 {
		empty = []string{tenant}
	}
	return c.orTenants(user, list, empty, ojson.Obj("name", user, "type", "servicePrincipal"))
}

// principalToken is the token of an application that signed in before.
func (c *call) principalToken(app, tenant string, scopes []string) (token, error) {
	var found *ojson.Object
	for _, e := range c.principals() {
		if e.Str("client_id") == app && (found == nil || e.Str("tenant") == tenant) {
			found = e
		}
	}
	if found == nil {
		return token{}, failf("Could not retrieve credential from local cache for service principal %s. Run `az login` for this service principal.", app)
	}
	if t, ok := c.cache().find("", app, tenant, scopes); ok {
		return t, nil
	}
	return c.redeemPrincipal(found, tenant, scopes)
}

func (c *call) redeemPrincipal(entry *ojson.Object, tenant string, scopes []string) (token, error) {
	app := entry.Str("client_id")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {app}}
	assertion := entry.Str("client_assertion")
	if file := entry.Str("certificate"); file != "" {
		var err error
		if assertion, err = c.sign(file, app, tenant); err != nil {
			return token{}, err
		}
	}
	if assertion != "" {
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
	} else {
		form.Set("client_secret", entry.Str("client_secret"))
	}
	o, err := c.redeem(tenant, form, scopes)
	if err != nil {
		return token{}, err
	}
	k := c.cache()
	t := k.keep("", app, tenant, scopes, o)
	return t, k.save()
}

// sign makes the assertion with which an application proves that it has a
// certificate's key.
func (c *call) sign(file, app, tenant string) (string, error) {
	bad := func(err error) error {
		return failf("Invalid certificate, please use a valid PEM file. Error detail: %s", err)
	}
	data, err := c.p.FS.ReadFile(file)
	if err != nil {
		return "", bad(err)
	}
	var key *rsa.PrivateKey
	var cert []byte
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			cert = block.Bytes
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "PRIVATE KEY":
			var k any
			if k, err = x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
				key, _ = k.(*rsa.PrivateKey)
			}
		}
		if err != nil {
			return "", bad(err)
		}
	}
	if key == nil || cert == nil {
		return "", bad(fmt.Errorf("[('PEM routines', '', 'no start line')]"))
	}
	sum := sha1.Sum(cert)
	now := c.p.Clock.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"aud": loginHost + "/" + tenant + "/oauth2/v2.0/token", "iss": app, "sub": app,
		"exp": now.Add(10 * time.Minute).Unix(), "iat": now.Unix(), "jti": c.p.IDs.GUID("az.request")})
	t.Header["x5t"] = base64.RawURLEncoding.EncodeToString(sum[:])
	t.Header["kid"] = strings.ToUpper(hex.EncodeToString(sum[:]))
	return t.SignedString(key)
}
