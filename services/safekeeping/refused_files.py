"""Why a file is not taken as evidence, and what whoever hands it in can do about it."""

from typing import ClassVar

from events.errors import TusoiError


class FileTypeRefused(TusoiError):
    """The content is of no type that is taken."""

    code = "file_type_refused"
    says: ClassVar[str] = (
        "evidence is a PDF, a picture, a text or an office document: save it as one of them"
    )

    def __init__(self) -> None:
        super().__init__(self.says)


class FileNamedOtherwise(FileTypeRefused):
    code = "file_named_otherwise"
    says = (
        "the content of the file is not what the ending of its name says: open it in the program "
        "that made it and save it again, as the type that it is to be"
    )


class FileHasMacros(FileTypeRefused):
    """Something in it may run: whoever judges evidence runs nothing that somebody handed in."""

    code = "file_has_macros"
    says = (
        "the file has macros, or is of a type that may have them: save it as .docx, .xlsx, .pptx "
        "or PDF"
    )


class FileHasPassword(FileTypeRefused):
    code = "file_has_password"
    says = "nobody can open the file without its password: save it without one"


class FileIsPage(FileTypeRefused):
    code = "file_is_page"
    says = (
        "the file is a web page, a drawing or XML inside, whatever its name says: print it as PDF, "
        "or open it in an office program and save it as .docx or .xlsx"
    )


class FileIsArchive(FileTypeRefused):
    code = "file_is_archive"
    says = "the file is an archive: unpack it and hand in the files in it"


class FileIsMail(FileTypeRefused):
    """What is attached to it nobody has looked at, and few programs show it all."""

    code = "file_is_mail"
    says = "the file is a mail: print it as PDF, and hand in what is attached to it by itself"


class FileIsTwoKinds(FileTypeRefused):
    """Two programs would show two things; nobody could say which one was judged."""

    code = "file_is_two_kinds"
    says = "the file is of two kinds at once: open it in the program that made it and save it again"


class FileSwells(FileTypeRefused):
    code = "file_swells"
    says = "unpacked, the file is too large to be opened safely: divide it, or save it as PDF"


class FileBroken(FileTypeRefused):
    code = "file_broken"
    says = (
        "the file begins as an office document and cannot be read as one: open it in the program "
        "that made it and save it again"
    )


class FileEncodingUnknown(FileTypeRefused):
    code = "file_encoding_unknown"
    says = (
        "the text is written in signs of an old encoding: open it in a text editor or Excel and "
        "save it as UTF-8 (in Excel: CSV UTF-8)"
    )
