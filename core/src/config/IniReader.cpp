#include "config/Document.h"
#include "config/Values.h"

#include <fmt/format.h>
#include <map>
#include <sstream>

namespace carillon::config
{

namespace
{

/// Own parser: Poco::Util::IniFileConfiguration knows no line numbers, and the last of two equal keys wins in silence.
class IniParser
{
public:
    explicit IniParser(const Origin& origin) : _origin(origin) {}

    Document parse(const std::string& text)
    {
        std::istringstream lines(text);
        std::string line;
        while (std::getline(lines, line))
        {
            ++_line;
            readLine(line);
        }
        endSection();
        return std::move(_document);
    }

private:
    void readLine(const std::string& line)
    {
        const auto content = trimmed(line);
        if (content.empty() || content.front() == ';' || content.front() == '#') return;
        const auto column = static_cast<std::size_t>(content.data() - line.data());
        if (content.front() == '[') return readSection(content, column);

        const auto equals = content.find('=');
        if (equals == std::string_view::npos) return refuse(column, "is no 'key = value', '[section]' or '; comment'");
        const auto name = trimmed(content.substr(0, equals));
        if (name.empty()) return refuse(column, "has no key before '='");
        readValue(name, trimmed(content.substr(equals + 1)), column);
    }

    void readSection(std::string_view content, std::size_t column)
    {
        if (content.back() != ']' || content.size() == 2) return refuse(column, "is no section; write [name]");
        endSection();
        _section = trimmed(content.substr(1, content.size() - 2));
        _sectionPlace = at(column);
        _sectionIsEmpty = true;
    }

    void readValue(std::string_view name, std::string_view text, std::size_t column)
    {
        _sectionIsEmpty = false;
        Setting setting;
        setting.path = _section.empty() ? std::string(name) : _section + "." + std::string(name);
        setting.origin = at(column);

        const auto [first, isNew] = _seen.emplace(setting.path, _line);
        if (!isNew) return refuse(column, fmt::format("'{}' was already set in line {}; keep one", setting.path, first->second));

        if (text.empty())
        {
            setting.form = Setting::Form::Nothing;
        }
        else if (const auto whole = unquoted(text))
        {
            setting.text = *whole;
        }
        else
        {
            if (text.find('"') == std::string_view::npos &&
                (text.find(" ;") != std::string_view::npos || text.find(" #") != std::string_view::npos))
            {
                return refuse(column, fmt::format("'{}': a comment needs a line of its own; put the value in double quotes if it is none",
                                                  setting.path));
            }
            setting.text = text;
        }
        _document.settings.push_back(std::move(setting));
    }

    /// The content of a value that is one quoted text from first to last character.
    static std::optional<std::string> unquoted(std::string_view text)
    {
        if (text.size() < 2 || text.front() != '"') return std::nullopt;
        std::string content;
        for (std::size_t index = 1; index < text.size(); ++index)
        {
            if (text[index] == '"') return index + 1 == text.size() ? std::optional(content) : std::nullopt;
            if (text[index] == '\\' && index + 1 < text.size()) ++index;
            content += text[index];
        }
        return std::nullopt;
    }

    void endSection()
    {
        if (_section.empty() || !_sectionIsEmpty) return;
        Setting setting;
        setting.path = _section;
        setting.form = Setting::Form::Section;
        setting.origin = _sectionPlace;
        _document.settings.push_back(std::move(setting));
    }

    Origin at(std::size_t column) const
    {
        Origin origin = _origin;
        origin.line = _line;
        origin.column = static_cast<int>(column) + 1;
        return origin;
    }

    void refuse(std::size_t column, std::string message) { _document.problems.push_back({at(column).text(), std::move(message)}); }

    const Origin& _origin;
    Document _document;
    std::string _section;
    Origin _sectionPlace;
    bool _sectionIsEmpty = false;
    std::map<std::string, int> _seen;
    int _line = 0;
};

} // namespace

Document readIni(const std::string& text, const Origin& origin) { return IniParser(origin).parse(text); }

} // namespace carillon::config
