// Package blade is what a page of the portal is made of: data, from which the
// page draws it, the command prints it, and tests click it. It must not know
// how a blade is filled nor how it is drawn.
package blade

// Blade is one page of the portal.
type Blade struct {
	Path        string    `json:"path"`  // stable address: "/resourceGroups/myResourceGroup/access"
	Title       string    `json:"title"` // "myResourceGroup | Access control (IAM)"
	Subtitle    string    `json:"subtitle,omitempty"`
	Breadcrumb  []Link    `json:"breadcrumb,omitempty"`
	Menu        []Link    `json:"menu,omitempty"` // the resource's own menu
	Commands    []Command `json:"commands,omitempty"`
	Sections    []Section `json:"sections,omitempty"`
	Panel       *Panel    `json:"panel,omitempty"` // a side panel or wizard that lies over the blade
	Notices     []Notice  `json:"notices,omitempty"`
	Equivalents *Equiv    `json:"equivalents,omitempty"` // of reading this blade
	// Desktop is the machine whose desktop the last action opened; "" if it opened
	// none.
	Desktop string `json:"desktop,omitempty"`
}

// Link leads to another blade. Target is its stable name for lessons.
type Link struct {
	Target  string `json:"target"`
	Text    string `json:"text"`
	Path    string `json:"path"`
	Current bool   `json:"current,omitempty"`
}

// Command is a button. Choosing it calls the portal with the target and the
// values of the open panel's fields.
type Command struct {
	Target      string `json:"target"`
	Text        string `json:"text"`
	Primary     bool   `json:"primary,omitempty"`
	Danger      bool   `json:"danger,omitempty"`
	Disabled    string `json:"disabled,omitempty"` // why it cannot be chosen now
	Equivalents *Equiv `json:"equivalents,omitempty"`
}

// Equiv is the same command said to other tools. REST is curl's form.
type Equiv struct {
	CLI        string `json:"cli,omitempty"`
	PowerShell string `json:"powershell,omitempty"`
	REST       string `json:"rest,omitempty"`
}

// Section is a titled part of a blade: fields to read, a table, or text.
type Section struct {
	Title   string   `json:"title,omitempty"`
	Text    string   `json:"text,omitempty"`
	Facts   []Fact   `json:"facts,omitempty"`
	Table   *Table   `json:"table,omitempty"`
	Choices []Choice `json:"choices,omitempty"` // fields that can be changed in place
	Tabs    []Link   `json:"tabs,omitempty"`
	// Code is text to be shown as it is, in a monospaced font: JSON.
	Code string `json:"code,omitempty"`
}

// Fact is a name and its value. Path, if any, makes the value a link.
type Fact struct {
	Target string `json:"target,omitempty"`
	Name   string `json:"name"`
	Value  string `json:"value"`
	Path   string `json:"path,omitempty"`
	Copy   bool   `json:"copy,omitempty"`
}

// Table is rows under columns. With Select, rows can be chosen.
type Table struct {
	Columns []string `json:"columns"`
	Rows    []Row    `json:"rows"`
	Empty   string   `json:"empty,omitempty"`  // what to say when there are no rows
	Select  string   `json:"select,omitempty"` // "", "one", "many"
	Field   string   `json:"field,omitempty"`  // the field that holds the chosen rows' keys
}

// Row is one line of a table.
type Row struct {
	Target   string    `json:"target"`
	Key      string    `json:"key"`
	Cells    []string  `json:"cells"`
	Path     string    `json:"path,omitempty"`
	Selected bool      `json:"selected,omitempty"`
	Commands []Command `json:"commands,omitempty"`
}

// Choice is a field: text, a choice among options, or on and off.
type Choice struct {
	Target string `json:"target"`
	Name   string `json:"name"` // key of its value
	Label  string `json:"label"`
	// Kind is "text", "area" (many lines), "password", "search", which are typed
	// in; "select", "radio", "toggle", whose options are chosen by the target
	// with "." and the option's value behind it.
	Kind     string   `json:"kind"`
	Value    string   `json:"value"`
	Options  []Option `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
	Error    string   `json:"error,omitempty"`
	Help     string   `json:"help,omitempty"`
}

// Option is one value of a choice.
type Option struct {
	Value string `json:"value"`
	Text  string `json:"text"`
}

// Panel is a side panel or a wizard with steps.
type Panel struct {
	Title    string    `json:"title"`
	Steps    []Link    `json:"steps,omitempty"`
	Sections []Section `json:"sections,omitempty"`
	Commands []Command `json:"commands,omitempty"`
	// Ask is true for a question that is answered before anything else: a small
	// dialog with Yes and No.
	Ask bool `json:"ask,omitempty"`
}

// Notice is a notification: an operation that runs, ended well or failed.
type Notice struct {
	Kind  string `json:"kind"` // "running", "done", "error", "info"
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Action is what a person does on a blade: open a path, or choose a target
// (command, row, tab, step) with the values of the fields as they stand.
type Action struct {
	Path   string            `json:"path,omitempty"`
	Target string            `json:"target,omitempty"`
	Values map[string]string `json:"values,omitempty"`
}
