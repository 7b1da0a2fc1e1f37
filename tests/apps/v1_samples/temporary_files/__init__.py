import logging
import azure.functions as func
import tempfile

from os import listdir


def main(req):
   tempFilePath = tempfile.gettempdir()
   fp = tempfile.NamedTemporaryFile()
   fp.write(b'Hello world!')
   filesDirListInTemp = listdir(tempFilePath)
   return str(fp.name.removeprefix(tempFilePath + '/') in filesDirListInTemp) + ' listing'
