#pragma once

#include <string>
#include <vector>

namespace carillon::push::fcm
{

/// What Google's error answer says, as far as we look at it; what is missing or of another type is empty.
struct ErrorBody
{
    /// False for HTML and other text that is no JSON: a front end or a proxy spoke, not FCM.
    bool isJson = false;
    std::string status;
    std::string message;
    std::string fcmError;
    std::string apnsReason;
    int apnsStatus = 0;
    std::string infoReason;
    std::string retryDelay;
    std::vector<std::string> violatedFields;
};

/// Reads `{"error":{code,message,status,details[]}}`, details in any order. Never throws, whatever the text is.
ErrorBody parseErrorBody(const std::string& text);

/// The `name` of a 200 answer; empty when the text is no JSON or has none. Never throws.
std::string parseMessageName(const std::string& text);

} // namespace carillon::push::fcm
