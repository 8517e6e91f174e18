#include "fcm/FaultAnswer.h"

#include "fcm/GoogleError.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace carillon::fakefcm
{

std::string fcmErrorBody(const FaultAction& fault)
{
    const FcmErrorKind* kind = findFcmError(fault.errorCode);
    // The code's own words, unless the script puts it under another status than FCM does.
    const bool usual = kind != nullptr && kind->http == *fault.status;
    Json details = Json::array();
    if (!fault.errorCode.empty()) details.push_back(fcmErrorDetail(fault.errorCode));
    if (fault.apns) details.push_back(apnsErrorDetail(fault.apns->first, fault.apns->second));
    if (!fault.errorInfo.empty()) details.push_back(errorInfoDetail(fault.errorInfo, {{"service", "fcm.googleapis.com"}}));
    return googleError(*fault.status, usual ? kind->status : rpcStatus(*fault.status), usual ? kind->message : usualMessage(*fault.status),
                       details)
        .body;
}

Answer scriptedAnswer(const FaultAction& fault, std::string usualBody)
{
    Answer answer;
    answer.status = *fault.status;
    answer.body = fault.body ? *fault.body : std::move(usualBody);
    if (!fault.contentType.empty()) answer.contentType = fault.contentType;
    return answer;
}

void disturb(Answer& answer, const FaultAction& fault)
{
    answer.headers.insert(answer.headers.end(), fault.headers.begin(), fault.headers.end());
    answer.delay += fault.delay;
    answer.cutAfterBytes = fault.cutAfterBytes;
    answer.interruption = fault.interruption;
    if (answer.body.size() < fault.padToBytes) answer.body.resize(fault.padToBytes, ' ');
}

} // namespace carillon::fakefcm
