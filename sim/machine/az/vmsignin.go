package az

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
	"path"
	"slices"
	"strings"
)

// forbiddenNames are user names that no machine may have.
var forbiddenNames = strings.Fields("administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console guest owner root server sql support support_388945a0 sys test2 test3 user4 user5")

// credentials are the machine's user and how they sign in.
func (c *call) credentials(windows bool) (user, how, password string, keys []string, err error) {
	user = c.str("admin_username")
	if user == "" {
		if user = c.p.Host.User.Name; slices.Contains(forbiddenNames, strings.ToLower(user)) {
			c.warn("Default username %s is a reserved username. Use azureuser instead.", user)
			user = "azureuser"
		}
	}
	if err = checkUser(user, windows); err != nil {
		return "", "", "", nil, err
	}
	hasKey := c.line.Has("ssh_key_value")
	how = c.str("authentication_type")
	if how == "" {
		switch {
		case hasKey && c.line.Has("admin_password"):
			how = "all"
		case windows || c.line.Has("admin_password"):
			how = "password"
		default:
			how = "ssh"
		}
	}
	switch {
	case windows && how == "ssh":
		err = failf("SSH not supported for Windows VMs.")
	case windows && how == "all":
		err = failf("SSH not supported for Windows VMs. Use password authentication.")
	case how == "password" && (hasKey || c.line.Has("ssh_dest_key_path")):
		err = failf("SSH key cannot be used with password authentication type.")
	case how == "ssh" && c.line.Has("admin_password"):
		err = failf("Admin password cannot be used with SSH authentication type.")
	}
	if err == nil && how != "ssh" {
		password, err = c.adminPassword(windows)
	}
	if err == nil && how != "password" {
		keys, err = c.sshKeys()
	}
	return user, how, password, keys, err
}

// adminPassword is --admin-password, or what the person answers.
func (c *call) adminPassword(windows bool) (string, error) {
	password := c.str("admin_password")
	if password == "" {
		var err error
		if password, err = c.newSecret("Admin Password: "); err != nil {
			return "", failf("Please specify password in non-interactive mode.")
		}
	}
	return password, checkPassword(password, windows)
}

// checkUser refuses names that no machine may have.
func checkUser(user string, windows bool) error {
	const common = `\/"[]:|<>+=;,?*@`
	switch {
	case windows && (strings.ContainsAny(user, common) || strings.HasSuffix(user, ".")):
		return failf(`admin user name cannot contain special characters \/"[]:|<>+=;,?*@# or ends with .`)
	case !windows && (strings.ContainsAny(user, common+"#()!ABCDEFGHIJKLMNOPQRSTUVWXYZ") || strings.HasPrefix(user, "$") || strings.HasPrefix(user, "-")):
		return failf(`admin user name cannot contain upper case character A-Z, special characters \/"[]:|<>+=;,?*@#()! or start with $ or -`)
	case slices.Contains(forbiddenNames, strings.ToLower(user)):
		return failf("This user name '%s' meets the general requirements, but is specifically disallowed for this image. Please try a different value.", user)
	}
	return nil
}

func checkPassword(p string, windows bool) error {
	least, most := 12, 72
	if windows {
		most = 123
	}
	if n := len([]rune(p)); n < least || n > most {
		return failf("The password length must be between %d and %d", least, most)
	}
	kinds := 0
	for _, in := range []func(rune) bool{
		func(r rune) bool { return r >= 'a' && r <= 'z' }, func(r rune) bool { return r >= 'A' && r <= 'Z' },
		func(r rune) bool { return r >= '0' && r <= '9' }, func(r rune) bool { return strings.ContainsRune("!@#$%^&*()_+-=[]{}|;:,.<>?/~`'\"\\ ", r) },
	} {
		if strings.ContainsFunc(p, in) {
			kinds++
		}
	}
	if kinds < 3 {
		return failf("Password must have the 3 of the following: 1 lower case character, 1 upper case character, 1 number and 1 special character")
	}
	return nil
}

// sshKeys are the public keys that the machine gets: those given, or that of
// ~/.ssh, which is made if that is asked for.
func (c *call) sshKeys() ([]string, error) {
	given := c.list("ssh_key_value")
	home := c.p.Host.User.Home
	file := path.Join(home, ".ssh", "id_rsa.pub")
	if len(given) == 0 {
		given = []string{file}
	}
	var out []string
	for _, k := range given {
		text := k
		if data, err := c.readText(k); err == nil {
			c.info("Use existing SSH public key file: %s", k)
			text = data
		} else if c.flag("generate_ssh_keys") {
			public := c.path(k)
			if !strings.HasSuffix(public, ".pub") {
				public += ".pub"
			}
			made, err := c.generateKey(strings.TrimSuffix(public, ".pub"))
			if err != nil {
				return nil, failf("%s", err)
			}
			text = made
		}
		if text = strings.TrimSpace(text); !isPublicKey(text) {
			return nil, failf("An RSA key file or key value must be supplied to SSH Key Value. You can use --generate-ssh-keys to let CLI generate one for you")
		}
		out = append(out, text)
	}
	return out, nil
}

func isPublicKey(s string) bool {
	f := strings.Fields(s)
	if len(f) < 2 || !strings.HasPrefix(f[0], "ssh-") {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(f[1])
	return err == nil
}

// generateKey makes a pair of RSA keys in two files and returns the public one.
// Its randomness is the lab's.
func (c *call) generateKey(private string) (string, error) {
	key, err := rsaKey(c.p.IDs.Bytes)
	if err != nil {
		return "", fmt.Errorf("make an SSH key: %w", err)
	}
	var b []byte
	put := func(data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		b = append(b, data...)
	}
	mpint := func(n *big.Int) []byte {
		data := n.Bytes()
		if len(data) > 0 && data[0]&0x80 != 0 {
			data = append([]byte{0}, data...)
		}
		return data
	}
	put([]byte("ssh-rsa"))
	put(mpint(big.NewInt(int64(key.E))))
	put(mpint(key.N))
	public := "ssh-rsa " + base64.StdEncoding.EncodeToString(b)
	if err := c.p.FS.MkdirAll(path.Dir(private), 0o700); err != nil {
		return "", err
	}
	if err := c.p.FS.WriteFile(private, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600); err != nil {
		return "", err
	}
	if err := c.p.FS.WriteFile(private+".pub", []byte(public), 0o644); err != nil {
		return "", err
	}
	c.warn("SSH key files '%s' and '%s.pub' have been generated under ~/.ssh to allow SSH access to the VM. If using machines without permanent storage, back up your keys to a safe location.", private, private)
	return public, nil
}

// rsaKey makes a key of 2048 bits from the lab's randomness, so that the same lab
// makes the same key.
func rsaKey(random func(stream string, n int) []byte) (*rsa.PrivateKey, error) {
	prime := func() *big.Int {
		for {
			b := random("az.sshkey", 128)
			b[0] |= 0xc0
			b[127] |= 1
			p := new(big.Int).SetBytes(b)
			for range 2000 {
				if p.ProbablyPrime(10) && new(big.Int).Mod(new(big.Int).Sub(p, big.NewInt(1)), big.NewInt(65537)).Sign() != 0 {
					return p
				}
				p.Add(p, big.NewInt(2))
			}
		}
	}
	p, q := prime(), prime()
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: new(big.Int).ModInverse(big.NewInt(65537), phi), Primes: []*big.Int{p, q}}
	key.Precompute()
	return key, key.Validate()
}
