// A webhook receiver with net/http.
//
//	WEBHOOK_SECRET=whsec_... PORT=4000 go run .
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type message struct {
	Type string `json:"type"`
	Data struct {
		Reference string `json:"reference"` // null stays ""
	} `json:"data"`
}

func main() {
	secret := os.Getenv("WEBHOOK_SECRET")
	webhook, err := standardwebhooks.NewWebhook(secret)
	if err != nil || secret == "" {
		log.Fatal("WEBHOOK_SECRET is no secret")
	}
	// In production: a table whose key is the webhook-id, written before the answer.
	var received sync.Map

	http.HandleFunc("POST /hook", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
		if err != nil {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		// The bytes as they came.
		if webhook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		// A message may arrive twice.
		if _, again := received.LoadOrStore(r.Header.Get("webhook-id"), true); !again {
			go work(body)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// work does not delay the answer. Of all types only verification.passed is a yes.
func work(body []byte) {
	var received message
	if err := json.Unmarshal(body, &received); err != nil {
		log.Print(err)
		return
	}
	fmt.Println(received.Type, received.Data.Reference)
}
