// Calls and steps made with the vendor's Go SDKs: a plan per line of standard input, its outcomes
// per line of output.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type plan struct {
	Endpoint  string `json:"endpoint"`
	Calls     []call `json:"calls"`
	Style     string `json:"style"`
	Bucket    string `json:"bucket"`
	Region    string `json:"region"`
	SecretID  string `json:"secret_id"`
	SecretKey string `json:"secret_key"`
	Steps     []step `json:"steps"`
}

type outcome map[string]any

func (p plan) outcomes() ([]outcome, error) {
	made := []outcome{}
	for _, call := range p.Calls {
		one, err := call.outcome(p.Endpoint)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	for _, step := range p.Steps {
		one, err := step.outcome(p)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	return made, nil
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var asked plan
		var made []outcome
		if err = json.Unmarshal(line, &asked); err == nil {
			made, err = asked.outcomes()
		}
		if err == nil {
			err = answers.Encode(made)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
