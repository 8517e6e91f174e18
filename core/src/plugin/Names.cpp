#include "plugin/Names.h"

#include <algorithm>
#include <array>

namespace carillon::plugin
{

namespace
{

bool isLower(char letter) { return letter >= 'a' && letter <= 'z'; }

bool isLetter(char letter) { return isLower(letter) || (letter >= 'A' && letter <= 'Z'); }

bool isDigit(char letter) { return letter >= '0' && letter <= '9'; }

} // namespace

bool isPluginName(std::string_view name)
{
    if (name.empty() || name.size() > 64 || !isLower(name.front())) return false;
    return std::all_of(name.begin(), name.end(),
                       [](char letter) { return isLower(letter) || isDigit(letter) || letter == '-' || letter == '_'; });
}

bool isVersion(std::string_view version)
{
    if (version.empty() || version.size() > 64) return false;
    return std::all_of(version.begin(), version.end(),
                       [](char letter)
                       { return isLetter(letter) || isDigit(letter) || std::string_view(".-+~_").find(letter) != std::string_view::npos; });
}

bool isTypeName(std::string_view name)
{
    if (name.empty() || name.size() > 128) return false;
    bool atWordStart = true;
    for (const char letter : name)
    {
        if (letter == '.' && atWordStart) return false;
        if (atWordStart && !isLetter(letter)) return false;
        if (letter != '.' && !isLetter(letter) && !isDigit(letter) && letter != '_' && letter != '-') return false;
        atWordStart = letter == '.';
    }
    return !atWordStart;
}

bool isPartName(std::string_view name) { return isPluginName(name); }

bool isEngineLayer(std::string_view name)
{
    constexpr std::array<std::string_view, 8> layers{"trace",    "metrics", "crash_guard", "dedupe",
                                                     "deadline", "retry",   "transaction", "handler"};
    return std::find(layers.begin(), layers.end(), name) != layers.end();
}

std::string oneLine(std::string_view text, std::size_t limit)
{
    std::string line(text.substr(0, limit));
    for (char& letter : line)
        if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = ' ';
    while (line.ends_with(' ')) line.pop_back();
    if (text.size() > limit) line += "...";
    return line;
}

} // namespace carillon::plugin
