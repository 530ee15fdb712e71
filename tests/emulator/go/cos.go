package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

type step struct {
	Do        string `json:"do"`
	Key       string `json:"key"`
	Body      string `json:"body"`
	Meta      bool   `json:"meta"`
	Range     string `json:"range"`
	Prefix    string `json:"prefix"`
	Delimiter string `json:"delimiter"`
	Marker    string `json:"marker"`
	Size      int    `json:"size"`
	Method    string `json:"method"`
	SecretID  string `json:"secret_id"`
	SecretKey string `json:"secret_key"`
	Token     string `json:"token"`
}

// A client that names the bucket in the plan's style.
func (s step) client(p plan) (*cos.Client, error) {
	host := fmt.Sprintf("%s.cos.%s.myqcloud.com", p.Bucket, p.Region)
	transport := &http.Transport{}
	switch p.Style {
	case "domain":
		host = p.Endpoint
	case "proxy":
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: p.Endpoint})
	case "host":
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", p.Endpoint)
		}
	default:
		return nil, fmt.Errorf("this SDK cannot name a bucket by its %s", p.Style)
	}
	key := &cos.AuthorizationTransport{
		SecretID:     or(s.SecretID, p.SecretID),
		SecretKey:    or(s.SecretKey, p.SecretKey),
		SessionToken: s.Token,
		Transport:    transport,
	}
	address := &url.URL{Scheme: "http", Host: host}
	client := cos.NewClient(&cos.BaseURL{BucketURL: address}, &http.Client{Transport: key})
	client.Conf.RetryOpt.Count = 1
	return client, nil
}

func or(own, general string) string {
	if own != "" {
		return own
	}
	return general
}

func (s step) outcome(p plan) (outcome, error) {
	client, err := s.client(p)
	if err != nil {
		return nil, err
	}
	made, err := s.done(client, p)
	var refusal *cos.ErrorResponse
	if errors.As(err, &refusal) {
		return outcome{"error": refusal.Code, "status": refusal.Response.StatusCode}, nil
	}
	return made, err
}

func (s step) done(client *cos.Client, p plan) (outcome, error) {
	ctx := context.Background()
	switch s.Do {
	case "put":
		body, err := base64.StdEncoding.DecodeString(s.Body)
		if err != nil {
			return nil, err
		}
		digest := md5.Sum(body)
		options := &cos.ObjectPutOptions{ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
			ContentMD5: base64.StdEncoding.EncodeToString(digest[:]),
		}}
		if s.Meta {
			options.XCosMetaXXX = &http.Header{"x-cos-meta-who": []string{"a"}}
		}
		put, err := client.Object.Put(ctx, s.Key, bytes.NewReader(body), options)
		if err != nil {
			return nil, err
		}
		return outcome{"etag": put.Header.Get("ETag"), "crc": put.Header.Get("x-cos-hash-crc64ecma")}, nil
	case "get":
		got, err := client.Object.Get(ctx, s.Key, &cos.ObjectGetOptions{Range: s.Range})
		if err != nil {
			return nil, err
		}
		defer got.Body.Close()
		body, err := io.ReadAll(got.Body)
		made := outcome{"body": base64.StdEncoding.EncodeToString(body), "range": nil}
		if part := got.Header.Get("Content-Range"); part != "" {
			made["range"] = part
		}
		return made, err
	case "head":
		head, err := client.Object.Head(ctx, s.Key, nil)
		if err != nil {
			return nil, err
		}
		return outcome{"size": head.Header.Get("Content-Length"), "crc": head.Header.Get("x-cos-hash-crc64ecma")}, nil
	case "delete":
		_, err := client.Object.Delete(ctx, s.Key)
		return outcome{}, err
	case "list":
		options := &cos.BucketGetOptions{
			Prefix: s.Prefix, Delimiter: s.Delimiter, Marker: s.Marker, MaxKeys: s.Size,
		}
		page, _, err := client.Bucket.Get(ctx, options)
		if err != nil {
			return nil, err
		}
		keys := []string{}
		for _, object := range page.Contents {
			keys = append(keys, object.Key)
		}
		made := outcome{"keys": keys, "prefixes": append([]string{}, page.CommonPrefixes...), "next": nil}
		if page.NextMarker != "" {
			made["next"] = page.NextMarker
		}
		return made, nil
	default:
		id, secret := or(s.SecretID, p.SecretID), or(s.SecretKey, p.SecretKey)
		options := &cos.PresignedURLOptions{Query: &url.Values{}, Header: &http.Header{}}
		if s.Token != "" {
			options.Query.Set("x-cos-security-token", s.Token)
		}
		made, err := client.Object.GetPresignedURL(ctx, s.Method, s.Key, id, secret, time.Hour/4, options)
		if err != nil {
			return nil, err
		}
		return outcome{"url": made.String()}, nil
	}
}
