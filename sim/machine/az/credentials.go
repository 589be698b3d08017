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

	"skylab/sim/ojson"
)

var credentialCommands = map[string]command{
	"ad app credential list": credentialList(theApp), "ad app credential reset": credentialReset(theApp), "ad app credential delete": credentialDelete(theApp),
	"ad sp credential list": credentialList(theSP), "ad sp credential reset": credentialReset(theSP), "ad sp credential delete": credentialDelete(theSP), "ad sp create-for-rbac": cmdRBAC,
	"ad app federated-credential list": federated.list, "ad app federated-credential show": theFederated.show, "ad app federated-credential delete": theFederated.remove,
	"ad app federated-credential create": writeFederated(http.MethodPost, federated), "ad app federated-credential update": writeFederated(http.MethodPatch, theFederated),
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

func (c *call) removePassword(path, id string) error {
	_, err := c.graph(http.MethodPost, path+"/removePassword", ojson.Obj("keyId", id))
	return err
}

// removePasswords takes all secrets from an object.
func (c *call) removePasswords(o *ojson.Object, path string) error {
	for _, cred := range objectsAt(o, "passwordCredentials") {
		if err := c.removePassword(path, cred.Str("keyId")); err != nil {
			return err
		}
	}
	return nil
}

// credentialKind is where the credentials are that the command is about.
func (c *call) credentialKind() string {
	if c.flag("cert") {
		return "keyCredentials"
	}
	return "passwordCredentials"
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
	if err := c.removePasswords(app, at); err != nil {
		return nil, err
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
		indented := func(format string, args ...any) { c.warn("  "+format, args...) }
		switch there, err := c.assignNew(role, principal.Str("id"), "ServicePrincipal", scope, "", indented); {
		case err != nil:
			c.warn("  Role assignment creation failed.\n")
			return nil, err
		case there:
			c.warn("  Role assignment already exists.\n")
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

// object is the object itself, and its path.
func (at located) object(c *call) (*ojson.Object, string, error) {
	path, err := at(c)
	if err != nil {
		return nil, "", err
	}
	v, err := c.graphGet(path)
	o, _ := v.(*ojson.Object)
	return o, path, err
}

func credentialList(at located) command {
	return func(c *call) (any, error) {
		o, _, err := at.object(c)
		if err != nil {
			return nil, err
		}
		list, _ := o.At(c.credentialKind()).([]any)
		if list == nil {
			list = []any{}
		}
		return list, nil
	}
}

func credentialReset(at located) command {
	return func(c *call) (any, error) {
		o, path, err := at.object(c)
		if err != nil {
			return nil, err
		}
		start, end, err := c.period()
		if err != nil {
			return nil, err
		}
		name := c.str("display_name")
		if !c.flag("append") {
			if err := c.removePasswords(o, path); err != nil {
				return nil, err
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

func credentialDelete(at located) command {
	return func(c *call) (any, error) {
		o, path, err := at.object(c)
		if err != nil {
			return nil, err
		}
		id := c.str("key_id")
		list := objectsAt(o, c.credentialKind())
		left := slices.DeleteFunc(slices.Clone(list), func(x *ojson.Object) bool { return x.Str("keyId") == id })
		if len(left) == len(list) {
			return nil, failf("'%s' doesn't exist in '%s'", id, o.Str("id"))
		}
		if c.flag("cert") {
			_, err = c.graph(http.MethodPatch, path, ojson.Obj("keyCredentials", anys(left)))
		} else {
			err = c.removePassword(path, id)
		}
		return nil, err
	}
}

// federated are an application's federated credentials; theFederated is the one
// that the command names.
var (
	federated    = theApp.below("federatedIdentityCredentials")
	theFederated = located(func(c *call) (string, error) {
		path, err := federated(c)
		return path + "/" + pathSegment(c.str("federated_identity_credential_id_or_name")), err
	})
)

// writeFederated sends --parameters.
func writeFederated(method string, at located) command {
	return func(c *call) (any, error) {
		body, err := c.json(c.str("parameters"))
		if err != nil {
			return nil, err
		}
		path, err := at(c)
		if err != nil {
			return nil, err
		}
		res, err := c.graph(method, path, body)
		if err != nil {
			return nil, err
		}
		return object(res.object()), nil
	}
}
