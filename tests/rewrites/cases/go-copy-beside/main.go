package main

import (
	"html/template"
	"os"
)

func main() {
	template.Must(template.ParseFiles("/templates/page.html")).Execute(os.Stdout, "hello")
}
