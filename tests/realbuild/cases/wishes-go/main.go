package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	text, err := os.ReadFile("templates/page.html")
	place, wrong := time.LoadLocation("Asia/Seoul")
	fmt.Print(string(text), err, " ", place, wrong, "\n")
}
