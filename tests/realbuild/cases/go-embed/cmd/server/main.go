package main

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

//go:embed page
var files embed.FS

var version = "none"

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; os.Exit(0) }()
	page, _ := fs.Sub(files, "page")
	http.Handle("/", http.FileServer(http.FS(page)))
	http.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, version, os.Getuid()) })
	http.ListenAndServe(":9090", nil)
}
