package main

import (
	"encoding/json"
	"errors"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sdkerrors "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/errors"
	tchttp "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/http"
	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common/profile"
)

type call struct {
	Service    string         `json:"service"`
	Version    string         `json:"version"`
	Action     string         `json:"action"`
	Region     string         `json:"region"`
	Parameters map[string]any `json:"parameters"`
	SecretID   string         `json:"secret_id"`
	SecretKey  string         `json:"secret_key"`
	Token      string         `json:"token"`
}

// One call with a client of its own, by the SDK's general request.
func (c call) outcome(endpoint string) (outcome, error) {
	chosen := profile.NewClientProfile()
	chosen.HttpProfile.Scheme = "HTTP"
	chosen.HttpProfile.Endpoint = endpoint
	chosen.HttpProfile.ReqTimeout = 30
	key := common.NewTokenCredential(c.SecretID, c.SecretKey, c.Token)
	client := common.NewCommonClient(key, c.Region, chosen)
	request := tchttp.NewCommonRequest(c.Service, c.Version, c.Action)
	if err := request.SetActionParameters(c.Parameters); err != nil {
		return nil, err
	}
	response := tchttp.NewCommonResponse()
	if err := client.Send(request, response); err != nil {
		var refusal *sdkerrors.TencentCloudSDKError
		if errors.As(err, &refusal) {
			return outcome{"error": refusal.Code, "request_id": refusal.RequestId}, nil
		}
		return nil, err
	}
	var answer struct {
		Response map[string]any
	}
	if err := json.Unmarshal(response.GetBody(), &answer); err != nil {
		return nil, err
	}
	return outcome{"response": answer.Response}, nil
}
