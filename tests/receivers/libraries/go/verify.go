// Judges webhooks; tests/receivers/verifiers.py has the form of a line.
// `v1` by the standard's official library, `v1a` by Go's own Ed25519.
package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const toleranceSeconds = 300

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func verifyWithPublicKey(key, id, timestamp, signatures string, body []byte, now int64) bool {
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || at < now-toleranceSeconds || at > now+toleranceSeconds {
		return false
	}
	public := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whpk_")))
	signed := append([]byte(id+"."+timestamp+"."), body...)
	for _, entry := range strings.Split(signatures, " ") {
		version, value, _ := strings.Cut(entry, ",")
		signature, err := base64.StdEncoding.DecodeString(value)
		if version == "v1a" && err == nil && ed25519.Verify(public, signed, signature) {
			return true
		}
	}
	return false
}

func judge(line string) string {
	part := strings.Split(line, "\t")
	key, id, timestamp, signature := part[0], part[1], part[2], part[3]
	body := must(base64.StdEncoding.DecodeString(part[4]))
	if strings.HasPrefix(key, "whpk_") {
		now := time.Now().Unix()
		if part[5] != "" {
			now = must(strconv.ParseInt(part[5], 10, 64))
		}
		if verifyWithPublicKey(key, id, timestamp, signature, body, now) {
			return "accepted\t"
		}
		return "refused\t"
	}
	webhook := must(standardwebhooks.NewWebhook(key))
	at := must(strconv.ParseInt(timestamp, 10, 64))
	own := must(webhook.Sign(id, time.Unix(at, 0), body))
	headers := http.Header{}
	headers.Set("webhook-id", id)
	headers.Set("webhook-timestamp", timestamp)
	headers.Set("webhook-signature", signature)
	if webhook.Verify(body, headers) == nil {
		return "accepted\t" + own
	}
	return "refused\t" + own
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Println(judge(lines.Text()))
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}
