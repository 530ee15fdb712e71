"""The text with which records are compressed: field names and values that most records contain.

zlib (RFC 1950) names its preset dictionary by a checksum in each compressed record. A record can
be read only with the very bytes with which it was written, so this text never changes. A better
text would be a second one: the checksum says which of the two a record needs.
"""

from __future__ import annotations

DICTIONARY = (
    # Seldom first: zlib prefers what stands nearer to the end.
    b'"state":"refused","reason":"wrong_format","content_type":"video/quicktime","image/png",'
    b'"challenge":{"type":"action","data":"lip","silent"},"missing":"interrupted","not_fetched",'
    b'"not_offered"},"state":"exhausted","pending","error":"timed_out","deployment_fault",'
    b'"decision":"expired","uploads_expired","error","call_outcome_unknown",'
    b'"resubmit","rejected",'
    b'"outcome":"unknown","not_executed","code":"no_answer","not_sent","billable":"unknown","no",'
    b'"region":"private","action":"/identity/silent_image_verification/stateless","silent",'
    b'"check":"silent","video","photo","reflect","status":"awaiting_upload","ready","checking",'
    b'"held","decided","action":"LivenessCompare","CompareFaceLiveness","DetectLiveFaceAccurate",'
    b'"VideoLivenessCompare","version":"2020-03-03","2018-03-01","face_model":"3.0"'
    b'"video":{"md5":"","size":,"content_type":"video/mp4","keys":["uploads/ver_01k/video/"],'
    b'{"id":"ver_01k","client":"","check":"reflect","region":"ap-singapore","created_at":17,'
    b'"expires_at":17,"inputs":{"live_data":{"md5":"","size":,'
    b'"content_type":"application/octet-stream","keys":["uploads/ver_01k/live_data/"],'
    b'"state":"missing","proven_key":null,"proof":null,"reason":null},'
    b'"image":{"md5":"","size":,"content_type":"image/jpeg","keys":["uploads/ver_01k/image/"],'
    b'"state":"proven","proven_key":"uploads/ver_01k/","proof":{"sha256":"","etag":"",'
    b'"version":null},"reason":null}},"threshold":70.0,"status":"awaiting_upload","version":1,'
    b'"due_at":17,"challenge":null,"reference":"","metadata":{},"ready_at":null,"calls":[],'
    b'"calls":[{"number":1,"action":"DetectReflectLivenessAndCompare","region":"ap-singapore",'
    b'"state":"intent","called","settled","intent_at":17,"called_at":17,"settled_at":17,'
    b'"called_at":null,"settled_at":null,"outcome":null,"code":null,"request_id":null,'
    b'"latency_ms":null,"billable":null,"score":null,"version":"2018-03-01","face_model":null,'
    b'"outcome":"answered","code":"Success","request_id":"","latency_ms":,"billable":"yes",'
    b'"score":9,"codes_date":null,"codes_date":"2026-"}],"released_at":null,'
    b'"verdict":null,"delivery":null,"evidence":null,"runs":0,"vendor_failures":0}'
    b'"verdict":{"decision":"passed","reason":{"code":"passed","message":"The person is live and '
    b'is the one in the photo.","vendor_code":"Success"},"decided_at":17,'
    b'"scores":{"similarity":9}},'
    b'"delivery":{"number":1,"state":"pending","attempts":0,"last_attempt":null,"faults":0},'
    b'"state":"delivered","attempts":1,"last_attempt":{"at":17,"latency_ms":,"status":200,'
    b'"error":null},"faults":0},"evidence":{"frames":[],"frames":[{"key":"evidence/ver_01k/'
    b'best_frame.jpg","md5":"","size":}],"missing":null},"runs":1,"vendor_failures":0}'
)
