package main

import (
	"crypto/x509"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"os/user"
	"syscall"
	"text/template"
	"time"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() { <-stop; os.Exit(0) }()
	http.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) {
		pool, err := x509.SystemCertPool()
		zone, zoneErr := time.LoadLocation("Asia/Seoul")
		who, userErr := user.Current()
		fmt.Fprintln(w, err == nil && !pool.Equal(x509.NewCertPool()), zone, zoneErr, userErr)
		if userErr == nil {
			fmt.Fprintln(w, who.Username, who.HomeDir)
		}
		os.WriteFile("/tmp/x", []byte("x"), 0o600)
		_, statErr := os.Stat("/tmp/x")
		fmt.Fprintln(w, statErr)
	})
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		template.Must(template.ParseFiles("templates/hello.txt")).Execute(w, "world")
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
