package main

// #include <stdio.h>
// #include <string.h>
// static int length(const char *text) { return (int)strlen(text); }
import "C"

import (
	"fmt"
	"os"
	"time"
)

func main() {
	zone, err := time.LoadLocation("Europe/Berlin")
	fmt.Println(C.length(C.CString("four")), zone, err)
	host, err := os.Hostname()
	fmt.Println(host != "", err)
}
